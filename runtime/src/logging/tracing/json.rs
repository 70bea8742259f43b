//! Lines of JSON: the variables become members of the object that the format has written.

use std::fmt;

use crate::logging::fields::{Buffers, Names, Syntax, of_event};

use super::object::{self, Member, members};

/// Writes `text` with the fields in `buffers`, rendered as [JSON](Syntax::Json), before the members of each object.
/// Returns false without writing anything if `text` does not consist of objects. `may_follow` says whether other lines
/// may follow the objects.
pub(super) fn write(
    text: &str,
    buffers: &Buffers,
    out: &mut impl fmt::Write,
    may_follow: impl FnOnce() -> bool,
) -> Result<bool, fmt::Error> {
    let Some(first) = Object::read(text, 0, &buffers.names) else {
        return Ok(false);
    };
    let rest = &text[first.end + 1..];
    if rest != "\n" && !rest.trim().is_empty() {
        return write_several(text, first, buffers, out, may_follow);
    }
    if first.start > 0 {
        out.write_str(&text[..first.start])?;
    }
    first.write(text, text.len(), buffers, out)?;
    Ok(true)
}

#[cold]
fn write_several(
    text: &str,
    first: Object,
    buffers: &Buffers,
    out: &mut impl fmt::Write,
    may_follow: impl FnOnce() -> bool,
) -> Result<bool, fmt::Error> {
    let mut end = first.end + 1;
    let mut objects = vec![first];
    while let Some(next) = Object::read(text, end, &buffers.names) {
        end = next.end + 1;
        objects.push(next);
    }
    if !text[end..].trim().is_empty() && !may_follow() {
        return Ok(false);
    }
    let mut written = 0;
    for object in objects {
        out.write_str(&text[written..object.start])?;
        written = object.end + 1;
        object.write(text, written, buffers, out)?;
    }
    out.write_str(&text[end..])?;
    Ok(true)
}

/// The position of an object, and a summary of its members.
struct Object {
    /// The position of the opening brace.
    start: usize,
    /// The position of the closing brace.
    end: usize,
    is_empty: bool,
    /// Whether a member has the name of a variable.
    clashes: bool,
}

impl Object {
    /// Reads the next object in `text` from `at`.
    #[inline]
    fn read(text: &str, at: usize, names: &Names) -> Option<Self> {
        let start = at + object::start(&text[at..])?;
        let line = &text[start..];
        let (mut is_empty, mut clashes) = (true, false);
        let end = members(line, |member| {
            is_empty = false;
            clashes =
                clashes || (member.may_be_in(line, names) && names.contains(&member.name(line)));
        })?;
        Some(Self {
            start,
            end: start + end,
            is_empty,
            clashes,
        })
    }

    /// Writes the object and the text that follows it, up to `to`.
    #[inline]
    fn write(
        &self,
        text: &str,
        to: usize,
        buffers: &Buffers,
        out: &mut impl fmt::Write,
    ) -> fmt::Result {
        let Buffers { names, fields, .. } = buffers;
        let line = &text[self.start..to];
        let without_comma = || fields.strip_suffix(',').unwrap_or(fields);
        if names.is_empty() {
            out.write_str(line)
        } else if self.clashes {
            out.write_str(without_comma())?;
            write_renamed(line, self.end - self.start, buffers, out)
        } else {
            out.write_str(if self.is_empty {
                without_comma()
            } else {
                fields
            })?;
            out.write_str(&line[1..])
        }
    }
}

/// Writes the members after the fields. A member with the name of a variable is dropped if it has the variable's value,
/// and renamed otherwise: the event's own data must neither replace nor repeat the context. If the new name is taken,
/// the member is dropped as well.
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
