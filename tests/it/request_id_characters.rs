//! Which characters an id may have, and where it is safe as it is.

use propagate_context::request_id::InvalidRequestId;
use propagate_context::tracing::with_context;
use propagate_context::{REQUEST_ID, RequestId};
use propagate_context_tests::{Output, set_default};

const ALLOWED: &str = "+-./0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

#[test]
fn every_ascii_character_at_every_place() {
    for character in (0..128).map(char::from) {
        for (before, after) in (0..=17).flat_map(|n| (0..=17).map(move |m| (n, m))) {
            let text = format!("{}{character}{}", "a".repeat(before), "z".repeat(after));
            let expected = match character {
                '.' if before + after == 0 => Err(InvalidRequestId::DotSegment),
                _ if ALLOWED.contains(character) => Ok(text.clone()),
                _ => Err(InvalidRequestId::Forbidden { at: before }),
            };
            let parsed = text.parse().map(|id: RequestId| id.to_string());
            assert_eq!(parsed, expected, "{text:?}");
        }
    }
    for character in [
        '\u{80}',
        '\u{85}',
        '\u{a0}',
        'ü',
        '\u{200b}',
        '\u{202e}',
        '／',
        '\u{10ffff}',
    ] {
        let parsed = format!("a{character}").parse::<RequestId>();
        assert_eq!(parsed, Err(InvalidRequestId::Forbidden { at: 1 }));
    }
}

#[test]
fn every_length() {
    assert_eq!("".parse::<RequestId>(), Err(InvalidRequestId::Empty));
    for length in 1..=300 {
        let parsed = "a".repeat(length).parse::<RequestId>();
        match length {
            ..=200 => assert_eq!(parsed.map(|id| id.as_str().len()), Ok(length)),
            bytes => assert_eq!(parsed, Err(InvalidRequestId::TooLong { bytes })),
        }
        // A character that is not allowed, at each place.
        let text = format!("{}!", "a".repeat(length - 1));
        let error = match length {
            ..=200 => InvalidRequestId::Forbidden { at: length - 1 },
            bytes => InvalidRequestId::TooLong { bytes },
        };
        assert_eq!(text.parse::<RequestId>(), Err(error));
    }
}

/// As it is: nothing of it is escaped, or ends it early.
#[test]
fn an_id_is_safe_in_a_header_and_on_a_log_line() {
    let id: RequestId = ALLOWED.parse().unwrap();
    let header = http::HeaderValue::from_str(id.as_str()).unwrap();
    assert_eq!(header.to_str().unwrap(), ALLOWED);
    assert_eq!(
        serde_json::to_string(&id).unwrap(),
        format!("\"{ALLOWED}\"")
    );

    let output = Output::default();
    let writer = output.clone();
    let format = with_context(
        tracing_subscriber::fmt::format()
            .without_time()
            .with_ansi(false),
    );
    let subscriber = tracing_subscriber::fmt()
        .event_format(format)
        .with_writer(move || writer.clone())
        .finish();
    let _default = set_default(subscriber);
    REQUEST_ID.sync_scope(id, || tracing::info!("hello"));
    let line = output.take();
    assert!(
        line.contains(ALLOWED) && line.lines().count() == 1,
        "{line}"
    );
}

/// Neither in a query nor as a file name, as the documentation says.
#[test]
fn an_id_is_not_safe_in_a_query_or_as_a_file_name() {
    assert!("a+b".parse::<RequestId>().is_ok());
    let absolute: RequestId = "/etc/passwd".parse().unwrap();
    let joined = std::path::Path::new("/var/log/requests").join(absolute.as_str());
    assert_eq!(joined, std::path::Path::new("/etc/passwd"));
}
