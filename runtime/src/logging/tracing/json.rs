//! A line for machines: the fields become members of the object that the format writes.

use std::fmt;

use tracing_subscriber::fmt::format::Writer;

use crate::logging::fields::{Buffers, Names, Syntax, of_event};

use super::json_members::Members;

/// Writes the line with the logged variables in it. False if it is no object: then nothing is written.
pub(super) fn write(writer: &mut Writer<'_>, buffers: &mut Buffers) -> Result<bool, fmt::Error> {
    if !buffers.line.starts_with('{') {
        return Ok(false);
    }
    render(buffers);
    let Buffers {
        names,
        fields,
        line,
        ..
    } = buffers;
    if names.is_empty() {
        writer.write_str(line)?;
        return Ok(true);
    }
    match LineKind::of(line, names) {
        LineKind::Other => return Ok(false),
        LineKind::Empty => {
            writer.write_str(&fields[..fields.len() - 1])?;
            writer.write_str(&line[1..])?;
        }
        LineKind::Free => {
            writer.write_str(fields)?;
            writer.write_str(&line[1..])?;
        }
        LineKind::Clash => {
            writer.write_str(&fields[..fields.len() - 1])?;
            write_renamed(writer, line, names)?;
        }
    }
    Ok(true)
}

/// Renders a brace and `"name":"value",` for each logged variable.
fn render(Buffers { names, fields, .. }: &mut Buffers) {
    fields.push('{');
    crate::visit_logged(|name, value| {
        Syntax::Json.push_name(names.take(name), fields);
        fields.push(':');
        Syntax::Json.push_value(value, fields);
        fields.push(',');
    });
}

/// What a format has written.
enum LineKind {
    /// No JSON object.
    Other,
    /// An object with nothing in it.
    Empty,
    /// An object that has none of the names.
    Free,
    /// An object that has one of the names itself.
    Clash,
}

impl LineKind {
    fn of(line: &str, names: &Names) -> Self {
        if is_free_at_sight(line, names) {
            return Self::Free;
        }
        let Some(mut members) = Members::of(line) else {
            return Self::Other;
        };
        let mut shape = Self::Empty;
        for member in &mut members {
            if names.contains(&member.name(line)) {
                shape = Self::Clash;
            } else if let Self::Empty = shape {
                shape = Self::Free;
            }
        }
        if members.end().is_some() {
            shape
        } else {
            Self::Other
        }
    }
}

/// Whether a line that looks like an object has none of the names anywhere, as most lines have not: a search for a few
/// words costs half of what going over the members does. A backslash could be the escape of a letter of a name.
fn is_free_at_sight(line: &str, names: &Names) -> bool {
    line.starts_with("{\"")
        && line.trim_end().ends_with('}')
        && names.len() <= 8
        && !line.contains('\\')
        && !names.iter().any(|name| line.contains(name))
}

/// Writes the members behind the fields. One with the name of a variable gets another name: what an event says about
/// itself neither replaces nor repeats what the context says. Where that name is taken too it is left out.
fn write_renamed(writer: &mut Writer<'_>, line: &str, names: &Names) -> fmt::Result {
    let mut members = Members::of(line).ok_or(fmt::Error)?;
    let first = |name: &str| Members::of(line)?.find(|member| member.name(line) == name);
    for member in &mut members {
        let name = member.name(line);
        if !names.contains(&name) {
            write!(writer, ",{}", member.text(line))?;
            continue;
        }
        let other = of_event(&name);
        let is_repeated = first(&name) != Some(member);
        if !is_repeated && !names.contains(&other) && first(&other).is_none() {
            let mut written = String::new();
            Syntax::Json.push_name(&other, &mut written);
            write!(writer, ",{written}:{}", member.value(line))?;
        }
    }
    writer.write_str(members.end().ok_or(fmt::Error)?)
}
