//! The one table of paths: each row is served, and described.
//!
//! What a path does is its module's matter.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};

use super::Operation;
use crate::router::House;

/// The paths that are served.
pub(crate) struct Paths {
    router: Router<Arc<House>>,
    operations: Vec<(&'static str, &'static str, Operation)>,
}

impl Paths {
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), operations: Vec::new() }
    }

    pub(crate) fn get<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Arc<House>>,
        T: 'static,
    {
        self.add(("get", MethodFilter::GET), path, handler, operation)
    }

    pub(crate) fn post<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Arc<House>>,
        T: 'static,
    {
        self.add(("post", MethodFilter::POST), path, handler, operation)
    }

    pub(crate) fn delete<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Arc<House>>,
        T: 'static,
    {
        self.add(("delete", MethodFilter::DELETE), path, handler, operation)
    }

    pub(crate) fn head<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Arc<House>>,
        T: 'static,
    {
        self.add(("head", MethodFilter::HEAD), path, handler, operation)
    }

    fn add<H, T>(
        mut self,
        (name, method): (&'static str, MethodFilter),
        path: &'static str,
        handler: H,
        operation: Operation,
    ) -> Self
    where
        H: Handler<T, Arc<House>>,
        T: 'static,
    {
        for also in operation.also {
            self.router = self.router.route(also, on(method, handler.clone()));
        }
        self.router = self.router.route(path, on(method, handler));
        self.operations.push((name, path, operation));
        self
    }

    /// Returns what serves the paths.
    pub(crate) fn router(self) -> Router<Arc<House>> {
        self.router
    }

    /// Returns what describes the paths: JSON, laid out for people.
    pub(crate) fn description(&self, version: &str) -> String {
        let written = serde_json::to_string_pretty(&super::document(&self.operations, version));
        written.expect("plain data always serialises") + "\n"
    }
}
