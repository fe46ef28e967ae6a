//! A file's lines with the changes to make to them.

use undercroft_secret::SecretString;

use crate::files::config::Which;
use crate::files::lines::{Line, LineRole, Lines};
use crate::files::section::{SectionKind, section_kind};

/// A file being changed.
pub(super) struct Page<'a> {
    which: Which,
    mark: &'a str,
    lines: Vec<Slot<'a>>,
    /// What line end new lines get.
    end: &'static str,
    ends_with_a_line_end: bool,
    /// Lines after the last.
    added: Vec<String>,
}

/// A line and what becomes of it.
struct Slot<'a> {
    line: Line<'a>,
    before: Vec<String>,
    change: Change,
    after: Vec<String>,
}

enum Change {
    Keep,
    Replace(String),
    Drop,
}

/// The lines of one section: its header's place and the place behind its last line.
#[derive(Clone, Copy)]
struct Span {
    header: usize,
    end: usize,
}

impl<'a> Page<'a> {
    pub(super) fn of(text: &'a str, which: Which) -> Self {
        let file = Lines::of(text);
        let wide = file.lines.iter().filter(|line| line.end == "\r\n").count();
        let ended = file
            .lines
            .iter()
            .filter(|line| !line.end.is_empty())
            .count();
        let slots = file.lines.into_iter().map(|line| Slot {
            line,
            before: Vec::new(),
            change: Change::Keep,
            after: Vec::new(),
        });
        let lines: Vec<_> = slots.collect();
        Self {
            which,
            mark: file.mark,
            ends_with_a_line_end: lines.last().is_none_or(|slot| !slot.line.end.is_empty()),
            end: if wide * 2 > ended { "\r\n" } else { "\n" },
            lines,
            added: Vec::new(),
        }
    }

    /// Writes settings into the profile `name`, or a new one at the end.
    pub(super) fn set(&mut self, name: &str, settings: &[(&str, &str)]) {
        let spans = self.spans(name);
        let mut missing: Vec<(&str, &str)> = Vec::new();
        for (key, value) in settings {
            match self.last_setting(&spans, key) {
                Some(at) => self.change(at, value),
                None => {
                    missing.retain(|(other, _)| !other.eq_ignore_ascii_case(key));
                    missing.push((key, value));
                }
            }
        }
        let holds_settings = |span: &&Span| self.settings(**span).next().is_some();
        match spans.iter().rfind(holds_settings).or(spans.last()) {
            Some(_) if missing.is_empty() => {}
            Some(span) => self.add_to(*span, &missing),
            None => self.add_section(name, &missing),
        }
    }

    /// Takes settings out of the profile `name`, and headers that are left with nothing.
    pub(super) fn remove(&mut self, name: &str, keys: &[&str], drops_headers: bool) {
        for span in self.spans(name) {
            let found: Vec<usize> = self
                .settings(span)
                .filter(|at| {
                    self.is_key(*at, |key| {
                        keys.iter().any(|other| other.eq_ignore_ascii_case(key))
                    })
                })
                .collect();
            for at in &found {
                self.drop_setting(*at);
            }
            if let (Some(last), true) = (found.last(), drops_headers) {
                self.drop_section_if_empty(span, *last);
            }
        }
    }

    /// The whole text.
    pub(super) fn written(&self) -> SecretString {
        let mut lines: Vec<(&str, &str)> = Vec::new();
        for slot in &self.lines {
            for text in &slot.before {
                lines.push((text, self.end));
            }
            match &slot.change {
                Change::Keep => lines.push((slot.line.content, slot.line.end)),
                Change::Replace(text) => lines.push((text, slot.line.end)),
                Change::Drop => {}
            }
            for text in &slot.after {
                lines.push((text, self.end));
            }
        }
        lines.extend(self.added.iter().map(|text| (text.as_str(), self.end)));
        let count = lines.len();
        let mut parts = vec![self.mark];
        for (at, (content, end)) in lines.into_iter().enumerate() {
            let is_last = at + 1 == count;
            let end = match end {
                _ if is_last && !self.ends_with_a_line_end => "",
                "" => self.end,
                end => end,
            };
            parts.extend([content, end]);
        }
        SecretString::concat(&parts)
    }

    /// The sections that make up the profile `name`.
    fn spans(&self, name: &str) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let mut open = None;
        for (at, slot) in self.lines.iter().enumerate() {
            let LineRole::Header(header) = slot.line.role else {
                continue;
            };
            if let Some(start) = open.take() {
                spans.push(Span {
                    header: start,
                    end: at,
                });
            }
            let kind = section_kind(self.which, header);
            if matches!(kind, SectionKind::Profile(found) if found == name) {
                open = Some(at);
            }
        }
        let end = self.lines.len();
        spans.extend(open.map(|header| Span { header, end }));
        spans
    }

    fn role(&self, at: usize) -> LineRole<'a> {
        self.lines
            .get(at)
            .map_or(LineRole::Blank, |slot| slot.line.role)
    }

    fn is_key(&self, at: usize, wanted: impl Fn(&str) -> bool) -> bool {
        matches!(self.role(at), LineRole::Setting { key, .. } if wanted(key))
    }

    fn settings(&self, span: Span) -> impl DoubleEndedIterator<Item = usize> {
        (span.header..span.end).filter(|at| self.is_key(*at, |_| true))
    }

    fn last_setting(&self, spans: &[Span], key: &str) -> Option<usize> {
        let mut spans = spans.iter().rev();
        spans.find_map(|span| {
            let mut settings = self.settings(*span);
            settings.rfind(|at| self.is_key(*at, |other| other.eq_ignore_ascii_case(key)))
        })
    }

    /// The lines that continue a setting, and nothing between them.
    fn continuations(&self, at: usize) -> Vec<usize> {
        let behind = at + 1..self.lines.len();
        let within = behind.take_while(|at| {
            matches!(
                self.role(*at),
                LineRole::Continuation(_) | LineRole::Blank | LineRole::Comment
            )
        });
        within
            .filter(|at| matches!(self.role(*at), LineRole::Continuation(_)))
            .collect()
    }

    fn change(&mut self, at: usize, value: &str) {
        let continuations = self.continuations(at);
        let Some(slot) = self.lines.get_mut(at) else {
            return;
        };
        let LineRole::Setting {
            value: old,
            comment,
            ..
        } = slot.line.role
        else {
            return;
        };
        let is_set_now = matches!(slot.change, Change::Keep);
        if is_set_now && old == value && continuations.is_empty() {
            return;
        }
        let spacing = Spacing::of(&slot.line);
        let key_part = slot.line.content.find(['=', ':']).unwrap_or_default();
        let key_part = slot.line.content.get(..=key_part).unwrap_or_default();
        let text = format!("{key_part}{}{value}", spacing.behind);
        slot.change = Change::Replace(text);
        if let Some(comment) = comment.filter(|_| slot.before.is_empty()) {
            slot.before = vec![format!("{}{}", slot.line.indent(), comment.trim_end())];
        }
        for at in continuations {
            self.drop_line(at);
        }
    }

    fn drop_setting(&mut self, at: usize) {
        for further in self.continuations(at) {
            self.drop_line(further);
        }
        let Some(slot) = self.lines.get_mut(at) else {
            return;
        };
        let comment = match slot.line.role {
            LineRole::Setting { comment, .. } => comment,
            LineRole::Blank
            | LineRole::Comment
            | LineRole::Header(_)
            | LineRole::Continuation(_)
            | LineRole::Stray => None,
        };
        slot.change = comment.map_or(Change::Drop, |comment| {
            Change::Replace(format!("{}{}", slot.line.indent(), comment.trim_end()))
        });
    }

    fn drop_line(&mut self, at: usize) {
        if let Some(slot) = self.lines.get_mut(at) {
            slot.change = Change::Drop;
        }
    }

    fn is_dropped(&self, at: usize) -> bool {
        let slot = self.lines.get(at);
        slot.is_some_and(|slot| matches!(slot.change, Change::Drop))
    }

    /// Drops a section's header when no setting and no comment of its own is left, with the blank lines beside it.
    ///
    /// Comments behind the last setting that was there belong to the section that follows.
    fn drop_section_if_empty(&mut self, span: Span, last: usize) {
        let last = self.continuations(last).last().copied().unwrap_or(last);
        let is_blank = |page: &Self, at| page.role(at) == LineRole::Blank;
        let is_used = (span.header + 1..span.end).any(|at| {
            let is_comment = self.role(at) == LineRole::Comment;
            !(self.is_dropped(at) || is_blank(self, at) || (is_comment && at > last))
        });
        if is_used {
            return;
        }
        for at in span.header..=last {
            self.drop_line(at);
        }
        let behind: Vec<usize> = (last + 1..self.lines.len())
            .take_while(|at| is_blank(self, *at))
            .collect();
        let is_last = last + 1 + behind.len() == self.lines.len();
        for at in behind {
            self.drop_line(at);
        }
        if is_last {
            let before: Vec<usize> = (0..span.header)
                .rev()
                .take_while(|at| is_blank(self, *at) || self.is_dropped(*at))
                .collect();
            for at in before {
                self.drop_line(at);
            }
        }
    }

    /// Adds settings behind the last one of a section, in the manner of those that are there.
    fn add_to(&mut self, span: Span, settings: &[(&str, &str)]) {
        let last = self.settings(span).next_back();
        let manner = match last {
            Some(_) => self.manner(self.settings(span)),
            None => {
                let mut manner = self.manner(self.settings(self.whole()));
                manner.column = None;
                manner.indent = self.indent_below(span, manner.indent);
                manner
            }
        };
        let place = match last {
            Some(at) => self.continuations(at).last().copied().unwrap_or(at),
            None => span.header,
        };
        if let Some(slot) = self.lines.get_mut(place) {
            let lines = settings.iter().map(|(key, value)| manner.line(key, value));
            slot.after.extend(lines);
        }
    }

    fn add_section(&mut self, name: &str, settings: &[(&str, &str)]) {
        let mut manner = self.manner(self.settings(self.whole()));
        manner.column = None;
        let is_after_something = self
            .lines
            .last()
            .is_some_and(|slot| slot.line.role != LineRole::Blank);
        if is_after_something {
            self.added.push(String::new());
        }
        self.added.push(if name == "default" {
            "[default]".to_owned()
        } else {
            format!("[profile {name}]")
        });
        let lines = settings.iter().map(|(key, value)| manner.line(key, value));
        self.added.extend(lines);
    }

    fn whole(&self) -> Span {
        Span {
            header: 0,
            end: self.lines.len(),
        }
    }

    /// Indents at least as far as what follows an empty section, or that would continue the new setting.
    fn indent_below(&self, span: Span, indent: &'a str) -> &'a str {
        let next = self
            .lines
            .iter()
            .skip(span.header + 1)
            .find(|slot| !matches!(slot.line.role, LineRole::Blank | LineRole::Comment));
        let next = next.map(|slot| slot.line.indent()).unwrap_or_default();
        if next.chars().count() > indent.chars().count() {
            next
        } else {
            indent
        }
    }

    /// How the given settings are written; the last one decides.
    fn manner(&self, settings: impl Iterator<Item = usize>) -> Manner<'a> {
        let lines: Vec<Line<'a>> = settings
            .filter_map(|at| self.lines.get(at).map(|slot| slot.line))
            .collect();
        let Some(last) = lines.last() else {
            return Manner {
                indent: "",
                spacing: Spacing {
                    before: " ",
                    behind: " ",
                },
                column: None,
            };
        };
        let columns = lines.iter().map(|line| {
            let key = match line.role {
                LineRole::Setting { key, .. } => key.chars().count(),
                LineRole::Blank
                | LineRole::Comment
                | LineRole::Header(_)
                | LineRole::Continuation(_)
                | LineRole::Stray => 0,
            };
            let to_sign = line.content.split(['=', ':']).next().unwrap_or_default();
            (key, to_sign.chars().count())
        });
        let columns: Vec<_> = columns.collect();
        let aligned = columns
            .iter()
            .all(|(_, column)| Some(column) == columns.first().map(|(_, c)| c))
            && columns
                .iter()
                .any(|(key, _)| Some(key) != columns.first().map(|(k, _)| k));
        Manner {
            indent: last.indent(),
            spacing: Spacing::of(last),
            column: columns
                .first()
                .map(|(_, column)| *column)
                .filter(|_| aligned),
        }
    }
}

/// How a setting is written.
struct Manner<'a> {
    indent: &'a str,
    spacing: Spacing<'a>,
    /// The column of the equals sign where a section's are below one another, in characters.
    column: Option<usize>,
}

impl Manner<'_> {
    fn line(&self, key: &str, value: &str) -> String {
        let Spacing { before, behind } = self.spacing;
        let start = format!("{}{key}", self.indent);
        let padding = match self.column {
            Some(column) if column > start.chars().count() => {
                " ".repeat(column - start.chars().count())
            }
            Some(_) => " ".to_owned(),
            None => before.to_owned(),
        };
        format!("{start}{padding}={behind}{value}")
    }
}

/// The spaces around the equals sign.
#[derive(Clone, Copy)]
struct Spacing<'a> {
    before: &'static str,
    behind: &'a str,
}

impl<'a> Spacing<'a> {
    fn of(line: &Line<'a>) -> Self {
        let content = line.content;
        let Some((key, value)) = content.split_once(['=', ':']) else {
            return Self {
                before: " ",
                behind: " ",
            };
        };
        let before = if key.ends_with(char::is_whitespace) {
            " "
        } else {
            ""
        };
        let has_value = !value.trim().is_empty();
        let spaces = value.len() - value.trim_start().len();
        Self {
            before,
            behind: if has_value {
                value.get(..spaces).unwrap_or_default()
            } else {
                before
            },
        }
    }
}
