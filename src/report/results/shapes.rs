//! Shapes of pictures: the template draws them, and escapes their texts.

use serde::Serialize;

/// A picture as shapes, in the units of its own size.
#[derive(Debug, Serialize)]
pub(super) struct Drawing {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) shapes: Vec<Shape>,
}

/// A shape. Classes name its looks in the page's style.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Shape {
    Path { class: String, d: String },
    Rect { class: String, x: String, y: String, width: String, height: String },
    Circle { class: String, x: String, y: String },
    Text { class: String, x: String, y: String, text: String },
}

/// Place of a text relative to its point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn class(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

impl Drawing {
    /// Creates an empty picture.
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    pub(super) fn path(&mut self, class: &str, d: String) {
        self.shapes.push(Shape::Path { class: class.to_owned(), d });
    }

    /// Adds a straight line.
    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.path(class, format!("M{} {}L{} {}", place(from.0), place(from.1), place(to.0), place(to.1)));
    }

    pub(super) fn rect(&mut self, class: &str, corner: (f64, f64), width: f64, height: f64) {
        let [x, y, width, height] = [corner.0, corner.1, width, height].map(place);
        self.shapes.push(Shape::Rect { class: class.to_owned(), x, y, width, height });
    }

    pub(super) fn point(&mut self, class: &str, at: (f64, f64)) {
        self.shapes.push(Shape::Circle { class: class.to_owned(), x: place(at.0), y: place(at.1) });
    }

    pub(super) fn text(&mut self, anchor: Anchor, at: (f64, f64), text: impl Into<String>) {
        self.styled_text(anchor.class(), at, text);
    }

    /// Adds a text of another look.
    pub(super) fn styled_text(&mut self, class: &str, at: (f64, f64), text: impl Into<String>) {
        let [x, y] = [at.0, at.1].map(place);
        self.shapes.push(Shape::Text { class: class.to_owned(), x, y, text: text.into() });
    }
}

/// Returns a coordinate with one decimal.
pub(super) fn place(at: f64) -> String {
    format!("{at:.1}")
}

/// Returns the class of the series at a position: `prefix` and a number below that of the colours.
pub(super) fn series(prefix: &str, position: usize) -> String {
    /// Colours of the style.
    const COLOURS: usize = 8;
    format!("{prefix}{}", position % COLOURS)
}
