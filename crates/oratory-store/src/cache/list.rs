//! A list in order of use, with constant-time removal anywhere: links are indices into one `Vec`.
//!
//! It knows nothing of keys or sizes.

pub(super) type Index = usize;

pub(super) struct List<T> {
    nodes: Vec<Node<T>>,
    vacant: Vec<Index>,
    oldest: Option<Index>,
    newest: Option<Index>,
}

struct Node<T> {
    value: Option<T>,
    older: Option<Index>,
    newer: Option<Index>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { nodes: Vec::new(), vacant: Vec::new(), oldest: None, newest: None }
    }
}

impl<T> List<T> {
    pub(super) fn oldest(&self) -> Option<Index> {
        self.oldest
    }

    pub(super) fn get(&self, index: Index) -> &T {
        self.nodes[index].value.as_ref().expect("an index is used only until its removal")
    }

    /// Adds a value as the newest.
    pub(super) fn push(&mut self, value: T) -> Index {
        let node = Node { value: Some(value), older: None, newer: None };
        let index = match self.vacant.pop() {
            Some(index) => {
                self.nodes[index] = node;
                index
            }
            None => {
                self.nodes.push(node);
                self.nodes.len() - 1
            }
        };
        self.link_as_newest(index);
        index
    }

    /// Makes a value the newest.
    pub(super) fn touch(&mut self, index: Index) {
        self.unlink(index);
        self.link_as_newest(index);
    }

    pub(super) fn remove(&mut self, index: Index) -> T {
        self.unlink(index);
        self.vacant.push(index);
        self.nodes[index].value.take().expect("an index is used only until its removal")
    }

    fn unlink(&mut self, index: Index) {
        let (older, newer) = (self.nodes[index].older, self.nodes[index].newer);
        match older {
            Some(older) => self.nodes[older].newer = newer,
            None => self.oldest = newer,
        }
        match newer {
            Some(newer) => self.nodes[newer].older = older,
            None => self.newest = older,
        }
    }

    fn link_as_newest(&mut self, index: Index) {
        let before = self.newest.replace(index);
        self.nodes[index].older = before;
        self.nodes[index].newer = None;
        match before {
            Some(before) => self.nodes[before].newer = Some(index),
            None => self.oldest = Some(index),
        }
    }
}
