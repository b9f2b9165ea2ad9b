//! `[[operator]]` and `[[operator_class]]`: who may become an operator, and what operators may do.

use chat_network::{Right, Rights};
use serde::{Deserialize, Serialize};

use super::File;
use super::check::is_line;

/// `[[operator]]`
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operator {
    /// The name to be given with OPER.
    pub name: String,
    /// The password as it is, or an argon2 hash of it; empty: none is needed.
    pub password: String,
    /// The fingerprint (SHA-256, hexadecimal) of the client's certificate; empty: none is needed.
    pub certificate: String,
    /// Masks for `user@host`; none: from everywhere.
    pub hosts: Vec<String>,
    /// The class that says what it may do; default: everything.
    pub class: Option<String>,
    /// What WHOIS says; default: the title of the class.
    pub title: String,
    /// The host that others see from then on; empty: the same as before.
    pub vhost: String,
    /// Only operators are told that it is one.
    pub hidden: bool,
}

/// `[[operator_class]]`
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OperatorClass {
    /// The name that operators refer to.
    pub name: String,
    /// What WHOIS says of its operators; empty: what it says of every operator.
    pub title: String,
    /// What its operators may do.
    pub rights: Vec<String>,
    /// A class written before this one, whose rights it has too.
    pub extends: Option<String>,
}

/// What is wrong with one of several tables.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) table: &'static str,
    pub(super) number: usize,
    pub(super) key: &'static str,
    pub(super) problem: String,
}

/// A key and what was expected of it.
type Problem = (&'static str, String);

impl File {
    /// Checks operators and their classes.
    pub(super) fn check_operators(&self) -> Result<(), Wrong> {
        for (number, class) in self.operator_class.iter().enumerate() {
            self.check_class(number, class)
                .map_err(|(key, problem)| Wrong {
                    table: "operator_class",
                    number,
                    key,
                    problem,
                })?;
        }
        for (number, operator) in self.operator.iter().enumerate() {
            self.check_operator(number, operator)
                .map_err(|(key, problem)| Wrong {
                    table: "operator",
                    number,
                    key,
                    problem,
                })?;
        }
        Ok(())
    }

    fn check_class(&self, number: usize, class: &OperatorClass) -> Result<(), Problem> {
        let before = &self.operator_class[..number];
        let known = |name: &String| before.iter().any(|other| other.name == *name);
        if !is_word(&class.name) || known(&class.name) {
            return Err(("name", "expected a word that no other class has".to_owned()));
        }
        if class.extends.as_ref().is_some_and(|name| !known(name)) {
            let problem = "expected the name of a class that stands before this one";
            return Err(("extends", problem.to_owned()));
        }
        if class.rights.iter().any(|name| Right::parse(name).is_none()) {
            let names: Vec<&str> = Right::ALL.iter().map(|right| right.name()).collect();
            return Err(("rights", format!("expected some of {}", names.join(", "))));
        }
        check_title(&class.title)
    }

    fn check_operator(&self, number: usize, operator: &Operator) -> Result<(), Problem> {
        let before = &self.operator[..number];
        let known = before.iter().any(|other| other.name == operator.name);
        if !is_word(&operator.name) || known {
            let problem = "expected a word that no other operator has";
            return Err(("name", problem.to_owned()));
        }
        if operator.password.is_empty() && operator.certificate.is_empty() {
            let problem = "expected a password or a certificate";
            return Err(("password", problem.to_owned()));
        }
        let hashed = operator.password.starts_with("$argon2");
        if hashed && !chat_server::auth::is_hash(&operator.password) {
            let problem = "expected a whole hash, $argon2id$v=19$m=…,t=…,p=…$salt$hash";
            return Err(("password", problem.to_owned()));
        }
        let classes = &self.operator_class;
        let named = |name: &String| classes.iter().any(|class| class.name == *name);
        if operator.class.as_ref().is_some_and(|name| !named(name)) {
            let problem = "expected the name of an [[operator_class]]";
            return Err(("class", problem.to_owned()));
        }
        if !operator.vhost.is_empty() && !chat_server::config::is_host(&operator.vhost) {
            let problem = "expected a host of at most 63 letters, digits, '.', '-', ':' or '/'";
            return Err(("vhost", problem.to_owned()));
        }
        check_title(&operator.title)
    }

    /// The operators with what their classes say.
    pub(super) fn operators(&self) -> Vec<chat_server::config::Operator> {
        self.operator
            .iter()
            .map(|operator| {
                let class = operator.class.as_deref().and_then(|name| self.class(name));
                let title = class.map_or("", |class| class.title.as_str());
                chat_server::config::Operator {
                    name: operator.name.clone(),
                    password: operator.password.clone(),
                    certificate: operator.certificate.replace(':', "").to_ascii_lowercase(),
                    hosts: operator.hosts.clone(),
                    title: match operator.title.as_str() {
                        "" => title.to_owned(),
                        own => own.to_owned(),
                    },
                    rights: match &operator.class {
                        Some(name) => self.rights(name),
                        None => Rights::all(),
                    },
                    vhost: operator.vhost.clone(),
                    hidden: operator.hidden,
                }
            })
            .collect()
    }

    fn class(&self, name: &str) -> Option<&OperatorClass> {
        self.operator_class.iter().find(|class| class.name == name)
    }

    /// The rights of a class and of those that it extends. A class extends only one that stands
    /// before it, so this ends.
    fn rights(&self, name: &str) -> Rights {
        let Some(class) = self.class(name) else {
            return Rights::NONE;
        };
        let own = class.rights.iter().filter_map(|name| Right::parse(name));
        let inherited = class.extends.as_deref();
        own.collect::<Rights>()
            .with(inherited.map_or(Rights::NONE, |name| self.rights(name)))
    }
}

fn check_title(title: &str) -> Result<(), Problem> {
    if is_line(title) {
        Ok(())
    } else {
        Err(("title", "expected one line of at most 200 bytes".to_owned()))
    }
}

fn is_word(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_give_rights_and_titles() {
        let file = File::parse(
            r#"
[[operator_class]]
name = "helper"
title = "helps"
rights = ["kill", "ban"]
[[operator_class]]
name = "admin"
extends = "helper"
rights = ["rehash"]
[[operator]]
name = "ann"
password = "x"
[[operator]]
name = "bob"
certificate = "AB:CD"
class = "admin"
[[operator]]
name = "carl"
password = "y"
class = "helper"
title = "is carl"
"#,
        )
        .unwrap();
        let operators = file.operators();
        assert_eq!(operators[0].rights, Rights::all());
        assert_eq!(operators[1].certificate, "abcd");
        let rights = [Right::Kill, Right::Ban, Right::Rehash];
        assert_eq!(operators[1].rights, rights.into_iter().collect());
        assert_eq!(operators[1].title, "");
        assert_eq!(operators[2].title, "is carl");
        assert!(!operators[2].rights.has(Right::Rehash));
    }

    #[test]
    fn a_class_that_extends_itself_is_refused() {
        let text = "[[operator_class]]\nname = \"a\"\nextends = \"a\"\n";
        let error = format!("{:#}", File::parse(text).unwrap_err());
        assert!(
            error.contains("line 3") && error.contains("before this one"),
            "{error}"
        );
    }
}
