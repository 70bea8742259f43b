//! A line for machines: the variables become members of the object that the format has written.

use std::fmt;

use crate::logging::fields::{Buffers, Syntax, of_event};

use super::object::{Member, members};

/// Writes `line` with what `buffers` has rendered as [JSON](Syntax::Json) in front of its own members. False if it is
/// not an object: then nothing is written.
pub(super) fn write(
    line: &str,
    buffers: &Buffers,
    out: &mut impl fmt::Write,
) -> Result<bool, fmt::Error> {
    let Buffers { names, fields, .. } = buffers;
    let (mut is_empty, mut clashes) = (true, false);
    let end = members(line, |member| {
        is_empty = false;
        clashes = clashes || names.contains(&member.name(line));
    });
    let Some(end) = end else {
        return Ok(false);
    };
    let without_comma = || fields.strip_suffix(',').unwrap_or(fields);
    if names.is_empty() {
        out.write_str(line)?;
    } else if clashes {
        out.write_str(without_comma())?;
        write_renamed(line, end, buffers, out)?;
    } else {
        out.write_str(if is_empty { without_comma() } else { fields })?;
        out.write_str(&line[1..])?;
    }
    Ok(true)
}

/// Writes the members behind the fields. One with the name of a variable is dropped where it has the variable's value,
/// and gets another name where it has not: what an event says about itself neither replaces nor repeats what the
/// context says. Where that name is taken too it is dropped.
#[cold]
fn write_renamed(
    line: &str,
    end: usize,
    buffers: &Buffers,
    out: &mut impl fmt::Write,
) -> fmt::Result {
    let Buffers {
        names,
        fields,
        values,
        ..
    } = buffers;
    let mut all: Vec<Member> = Vec::new();
    members(line, |member| all.push(member));
    for (nth, member) in all.iter().enumerate() {
        let name = member.name(line);
        let Some(variable) = names.position(&name) else {
            write!(out, ",{}", member.text(line))?;
            continue;
        };
        let says_the_same = member.value(line).trim() == values[variable].text(fields);
        let is_repeated = all[..nth].iter().any(|before| before.name(line) == name);
        let other = of_event(&name);
        let is_taken =
            names.contains(&other) || all.iter().any(|member| member.name(line) == other);
        if !says_the_same && !is_repeated && !is_taken {
            let mut written = String::new();
            Syntax::Json.push_text(&other, &mut written);
            write!(out, ",{written}:{}", member.value(line))?;
        }
    }
    out.write_str(&line[end..])
}
