//! A headless chat client: connection, reconnection and the model of channels and messages.
