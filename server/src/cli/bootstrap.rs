//! `aviary bootstrap --print`: the templates of `deploy/`, filled in.

use super::{Done, Failure, TheHouse};
use crate::house::ChanceExt as _;
use app::model::template;
use clap::{Args, ValueEnum};

const HOME: &str = include_str!("../../../deploy/cloudformation/home.yaml");
const SATELLITE: &str = include_str!("../../../deploy/cloudformation/satellite.yaml");
const SCP: &str = include_str!("../../../deploy/cloudformation/scp.json");

/// Which document is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// CloudFormation for the home region: trail, queues, rule and role.
    #[default]
    Home,
    /// CloudFormation for every other region: a rule that forwards to the home region.
    Satellite,
    /// A suggestion for the organisation's service control policy.
    Scp,
    /// Terraform that uses the modules in `deploy/terraform`.
    Terraform,
}

/// Print what an AWS account needs, ready to be deployed.
#[derive(Debug, Args)]
pub struct BootstrapCommand {
    /// Print it. There is nothing else that this command does; it changes no account.
    #[arg(long)]
    print: bool,
    /// Which document.
    #[arg(long, value_enum, default_value_t)]
    part: Part,
    /// Begins the name of everything that is made. Choose your own.
    #[arg(long)]
    prefix: String,
    /// The IAM path under which the users will live, with a slash at both ends.
    #[arg(long)]
    path: String,
    /// The home region.
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// Of Terraform: every other region of the account that shall be heard within seconds; each gets a satellite.
    #[arg(long, value_delimiter = ',', value_name = "REGION,…")]
    satellites: Vec<String>,
    /// Of the service control policy: the name of the role that makes and changes what is deployed here.
    #[arg(long, default_value = "", hide_default_value = true)]
    deployer: String,
    /// The ARN as whom Aviary runs: it will assume the role.
    #[arg(long, default_value = "")]
    trusted_principal: String,
    /// What it has to say then; a random one, if left out.
    #[arg(long, default_value = "")]
    external_id: String,
    /// The account records its activity in a trail already: make none.
    #[arg(long)]
    existing_trail: bool,
}

impl BootstrapCommand {
    /// Does it.
    pub fn run(self, house: &TheHouse) -> Done {
        if !self.print {
            return Err(Failure::Other(
                "say --print: the template is written to the standard output, and nothing else happens".into(),
            ));
        }
        for (name, value) in [("--prefix", &self.prefix), ("--path", &self.path)] {
            if let Some(fault) = template::lint(value).first() {
                return Err(Failure::Other(format!("{name} is `{value}`: {fault}. Whoever holds a key could see it.")));
            }
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(3..=30).contains(&self.prefix.len()) || !self.prefix.chars().all(plain) {
            return Err(Failure::Other(format!(
                "--prefix is `{}`: expected 3 to 30 small letters, digits and hyphens",
                self.prefix
            )));
        }
        if self.path.len() < 3 || !self.path.starts_with('/') || !self.path.ends_with('/') {
            return Err(Failure::Other(format!(
                "--path is `{}`: expected a slash at both ends, as in /service/batch/",
                self.path
            )));
        }
        if self.part == Part::Scp && self.deployer.is_empty() {
            return Err(Failure::Other(
                "--deployer is missing: the name of the role that makes and changes these stacks".into(),
            ));
        }
        let external_id = match self.external_id.as_str() {
            "" => hex::encode(house.chance.bytes::<16>()),
            said => said.to_owned(),
        };
        if self.part != Part::Scp && self.trusted_principal.is_empty() && self.part != Part::Satellite {
            return Err(Failure::Other(
                "--trusted-principal is missing: the ARN of the role or user as whom Aviary runs".into(),
            ));
        }
        let text = match self.part {
            Part::Scp => policy(&self.prefix, &self.path, &self.deployer),
            Part::Terraform => self.terraform(&external_id),
            Part::Home => filled(
                HOME,
                &[
                    ("Prefix", &self.prefix),
                    ("IamPath", &self.path),
                    ("TrustedPrincipalArn", &self.trusted_principal),
                    ("ExternalId", &external_id),
                    ("CreateTrail", if self.existing_trail { "false" } else { "true" }),
                ],
            )?,
            Part::Satellite => {
                filled(SATELLITE, &[("Prefix", &self.prefix), ("IamPath", &self.path), ("HomeRegion", &self.region)])?
            }
        };
        print!("{text}");
        Ok(())
    }

    fn terraform(&self, external_id: &str) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string().replace("${", "$${");
        let mut text = format!(
            "provider \"aws\" {{\n  region = {}\n}}\n\n\
             module \"home\" {{\n  source                = \"./deploy/terraform/home\"\n  prefix                = {}\n  \
             iam_path              = {}\n  trusted_principal_arn = {}\n  external_id           = {}\n  \
             create_trail          = {}\n}}\n",
            quoted(&self.region),
            quoted(&self.prefix),
            quoted(&self.path),
            quoted(&self.trusted_principal),
            quoted(external_id),
            !self.existing_trail,
        );
        let away: Vec<_> =
            self.satellites.iter().filter(|region| **region != self.region).map(|one| quoted(one)).collect();
        if !away.is_empty() {
            text.push_str(&format!(
                "\nmodule \"satellite\" {{\n  for_each    = toset([{}])\n  source      = \"./deploy/terraform/satellite\"\n  \
                 prefix      = {}\n  iam_path    = module.home.iam_path\n  home_region = module.home.home_region\n  \
                 region      = each.key\n}}\n",
                away.join(", "),
                quoted(&self.prefix),
            ));
        }
        text
    }
}

/// The service control policy with these names.
fn policy(prefix: &str, path: &str, deployer: &str) -> String {
    let names = [
        ("PREFIX-", format!("{prefix}-")),
        ("user/PATH/", format!("user{path}")),
        ("role/DEPLOYER", format!("role/{deployer}")),
    ];
    // None of them can hold what JSON would have to escape but the deployer, whose name people type.
    names.iter().fold(SCP.to_owned(), |text, (name, value)| text.replace(name, value.replace(['"', '\\'], "").as_str()))
}

/// A template with these parameters' defaults. Each stands alone on the line below the parameter's name.
fn filled(template: &str, values: &[(&str, &str)]) -> Result<String, Failure> {
    let mut text = template.to_owned();
    for (name, value) in values {
        let head = format!("\n  {name}:\n    Default: '");
        let missing = || Failure::Other(format!("the template has no parameter {name}"));
        let start = text.find(&head).ok_or_else(missing)? + head.len();
        let end = text.get(start..).and_then(|rest| rest.find("'\n")).ok_or_else(missing)? + start;
        // In YAML's single quotes only the quote itself is written twice.
        text.replace_range(start..end, &value.replace('\'', "''"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_open_in_the_policy() {
        let text = policy("core-k3", "/svc/reports/", "deploy/admin");
        assert!(!text.contains("PREFIX") && !text.contains("PATH") && !text.contains("DEPLOYER"), "{text}");
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        for name in ["user/svc/reports/*\"", "role/core-k3-operator\"", "trail/core-k3-trail\"", "role/deploy/admin\""]
        {
            assert!(text.contains(name), "{name}: {text}");
        }
    }

    #[test]
    fn parameters_are_filled_in_where_they_stand() {
        let text = filled(HOME, &[("Prefix", "core-k3"), ("IamPath", "/svc/it's/"), ("CreateTrail", "false")]).unwrap();
        assert!(text.contains("  Prefix:\n    Default: 'core-k3'\n"));
        assert!(text.contains("  IamPath:\n    Default: '/svc/it''s/'\n"));
        assert!(text.contains("  CreateTrail:\n    Default: 'false'\n"));
        assert!(filled(SATELLITE, &[("HomeRegion", "eu-west-1"), ("Prefix", "a")]).is_ok());
        assert!(filled(HOME, &[("Nothing", "")]).is_err());
    }
}
