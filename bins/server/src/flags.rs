//! Flags of the command line that chat-server and chat-launcher have in common.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::File;

/// The common flags; each wins over the same key of the file.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Common {
    /// Configuration file; flags win over it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where clients connect; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Vec<SocketAddr>,
    /// The database file.
    #[arg(long, value_name = "PATH")]
    pub database: Option<PathBuf>,
    /// Places per server.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub capacity: Option<u32>,
    /// The name of this running server or fleet among others on the machine [default: the first
    /// port].
    #[arg(long, value_name = "NAME", value_parser = instance)]
    pub instance: Option<String>,
}

impl Common {
    /// The file again, with the flags over it; `None` if none is named.
    ///
    /// # Errors
    ///
    /// As [`File::read`].
    pub fn file_again(&self) -> anyhow::Result<Option<File>> {
        self.config.is_some().then(|| self.file()).transpose()
    }

    /// The file, if one is named, with the flags over it.
    ///
    /// # Errors
    ///
    /// As [`File::read`].
    pub fn file(&self) -> anyhow::Result<File> {
        let mut file = match &self.config {
            Some(path) => File::read(path)?,
            None => File::default(),
        };
        if !self.listen.is_empty() {
            file.server.listen.clone_from(&self.listen);
        }
        if let Some(database) = &self.database {
            file.storage.database = Some(database.clone());
        }
        if let Some(capacity) = self.capacity {
            file.launcher.capacity = Some(capacity);
        }
        if let Some(instance) = &self.instance {
            file.launcher.instance = Some(instance.clone());
        }
        Ok(file)
    }
}

fn instance(text: &str) -> Result<String, String> {
    if crate::config::is_instance_name(text) {
        Ok(text.to_owned())
    } else {
        Err("expected up to 32 letters, digits, '-' or '_'".to_owned())
    }
}
