//! What must hold whatever bytes come in, as one function for each target of `fuzz/`. Tests call them
//! too, for generated documents and for the inputs that fuzzing found.

mod gate;
mod models;
mod write;

pub use gate::gate;
pub use models::models;
pub use write::write;

/// A target: its name, which is that of its folder in `fuzz/corpus`, and what must not panic.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// The function.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 3] = [
    Target { name: "gate", run: gate },
    Target { name: "models", run: models },
    Target { name: "write", run: write },
];
