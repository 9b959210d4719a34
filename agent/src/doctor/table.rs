//! Plain columns for a terminal.

use std::fmt;

/// Rows under a heading; each may have a note below it.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<(Vec<String>, Option<String>)>,
}

impl Table {
    pub(crate) fn new(heading: &[&str]) -> Self {
        let mut table = Self { rows: Vec::new() };
        table.row(heading, None);
        table
    }

    pub(crate) fn row(&mut self, cells: &[&str], note: Option<&str>) {
        let cells = cells.iter().map(|cell| (*cell).to_owned()).collect();
        self.rows.push((cells, note.map(str::to_owned)));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|(cells, _)| cells.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        for (cells, note) in &self.rows {
            let mut line = String::new();
            for (column, cell) in cells.iter().enumerate() {
                line.push_str(&format!("{cell:<width$}  ", width = width(column)));
            }
            writeln!(f, "{}", line.trim_end())?;
            if let Some(note) = note {
                writeln!(f, "  - {note}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_notes_follow_their_row() {
        let mut table = Table::new(&["A", "B"]);
        table.row(&["long one", "x"], Some("why"));
        table.row(&["s", "y"], None);
        assert_eq!(
            table.to_string(),
            "A         B\nlong one  x\n  - why\ns         y\n"
        );
    }
}
