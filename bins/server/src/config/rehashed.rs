//! What of a file that is read again holds at once.

use super::File;

/// Takes back what cannot change while the program runs, and names it where it would have.
macro_rules! keep {
    ($old:expr, $new:expr, $named:expr; $($table:ident: $($key:ident),*;)*) => {
        $($(
            if $new.$table.$key != $old.$table.$key {
                $new.$table.$key.clone_from(&$old.$table.$key);
                $named.push(concat!("[", stringify!($table), "] ", stringify!($key)));
            }
        )*)*
    };
}

impl File {
    /// What holds once `new` was read in place of this file; and the keys that differ and stay as
    /// they are until the next start.
    #[must_use]
    pub fn rehashed(&self, mut new: Self) -> (Self, Vec<&'static str>) {
        let mut named = Vec::new();
        if new.tls.listen != self.tls.listen {
            // Nobody is sent where nobody listens.
            new.tls.sts_seconds = self.tls.sts_seconds;
            new.tls.sts_port = self.tls.sts_port;
        }
        keep! { self, new, named;
            server: name, network, listen;
            tls: listen, certificate, key;
            websocket: listen, tls_listen, origins;
            launcher: servers, algorithm, approach, ports, capacity, instance;
            storage: database, durability;
            history: channels, direct, events, tags, days, per_target, search;
            limits: held_bytes;
            accounts: verification_command;
        }
        (new, named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_a_port_where_nobody_listens_yet() {
        let text = "[tls]\nlisten = [\"127.0.0.1:6697\"]\ncertificate = \"a\"\nkey = \"b\"\n\
                    sts_seconds = 60\n";
        let new = File::parse(text).unwrap();
        let (file, named) = File::default().rehashed(new.clone());
        assert_eq!(named, ["[tls] listen", "[tls] certificate", "[tls] key"]);
        assert_eq!(file, File::default());
        let (file, named) = new.rehashed(File::parse(&text.replace("60", "61")).unwrap());
        assert!(named.is_empty());
        assert_eq!(file.tls.sts_seconds, 61);
    }
}
