//! Brings the code that verifies a new account with a program of the operator's choice.

use std::io::Write as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use chat_server::auth::{Courier, Letter};

/// How long the program may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked after.
const LOOK: Duration = Duration::from_millis(20);

/// What brings codes with this program and its arguments; without a program, nothing.
pub(crate) fn of(command: Vec<String>) -> Option<Arc<dyn Courier>> {
    (!command.is_empty()).then(|| Arc::new(Program(command)) as Arc<dyn Courier>)
}

/// A program that reads account, address and code, a line each, and sends the code.
#[derive(Debug)]
struct Program(Vec<String>);

impl Courier for Program {
    fn bring(&self, letter: &Letter) -> Result<(), String> {
        let (program, arguments) = self.0.split_first().ok_or("no program is set")?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| format!("{program} cannot be started: {error}"))?;
        if let Some(mut input) = child.stdin.take() {
            let text = format!("{}\n{}\n{}\n", letter.account, letter.email, letter.code);
            // A program that does not read tells by its exit code what became of it.
            let _ = input.write_all(text.as_bytes());
        }
        match within(&mut child, PATIENCE) {
            Ok(Some(status)) if status.success() => Ok(()),
            Ok(Some(status)) => Err(format!("{program} ended with {status}")),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(format!(
                    "{program} took longer than {} s",
                    PATIENCE.as_secs()
                ))
            }
            Err(error) => Err(format!("{program} cannot be waited for: {error}")),
        }
    }
}

/// How a program ended, if it does within a time.
fn within(child: &mut Child, patience: Duration) -> std::io::Result<Option<ExitStatus>> {
    let end = Instant::now() + patience;
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= end {
            return Ok(status);
        }
        sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bring(script: &str) -> Result<(), String> {
        let command = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        of(command).expect("there is a program").bring(&Letter {
            account: "ann".to_owned(),
            email: "ann@example.org".to_owned(),
            code: "c0de".to_owned(),
        })
    }

    #[test]
    fn a_program_gets_account_address_and_code() {
        let script = r#"read a; read b; read c; test "$a $b $c" = "ann ann@example.org c0de""#;
        assert_eq!(bring(script), Ok(()));
    }

    #[test]
    fn a_program_that_fails_is_a_failure() {
        assert!(bring("exit 3").is_err_and(|error| error.contains("exit status: 3")));
        let missing = of(vec!["/nowhere/program".to_owned()]).expect("there is one");
        let letter = Letter {
            account: String::new(),
            email: String::new(),
            code: String::new(),
        };
        assert!(
            missing
                .bring(&letter)
                .is_err_and(|error| error.contains("cannot be started"))
        );
        assert!(of(Vec::new()).is_none());
    }
}
