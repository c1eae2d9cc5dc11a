//! placeholder so that the workspace loads
