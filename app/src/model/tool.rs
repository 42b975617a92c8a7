//! Which tool a user agent speaks of. The caller chooses what it says, so this is a hint and never a proof.

/// Parts of a user agent in small letters, and the tool that they give away. Tools that are made for attackers or
/// auditors come first, then those that build on an SDK, then the SDKs, of which only the first one counts.
const TOOLS: &[(&str, &str)] = &[
    ("pacu", "Pacu"),
    ("trufflehog", "TruffleHog"),
    ("scoutsuite", "ScoutSuite"),
    ("scout suite", "ScoutSuite"),
    ("prowler", "Prowler"),
    // Prowler's number in Amazon's partner network.
    ("apn_1826889", "Prowler"),
    ("cloudfox", "CloudFox"),
    ("enumerate-iam", "enumerate-iam"),
    ("stratus-red-team", "Stratus Red Team"),
    ("grimoire", "Grimoire"),
    ("cloudmapper", "CloudMapper"),
    ("steampipe", "Steampipe"),
    ("gitleaks", "Gitleaks"),
    ("nuclei", "Nuclei"),
    ("terraform", "Terraform"),
    ("opentofu", "OpenTofu"),
    ("pulumi", "Pulumi"),
    ("ansible", "Ansible"),
    ("packer", "Packer"),
    ("amazon-ssm-agent", "SSM Agent"),
    ("rclone", "rclone"),
    ("cyberduck", "Cyberduck"),
    ("s3 browser", "S3 Browser"),
    ("s3browser", "S3 Browser"),
    ("postmanruntime", "Postman"),
    ("curl/", "curl"),
    ("wget/", "Wget"),
    ("python-requests", "Python requests"),
    ("go-http-client", "Go HTTP client"),
];

/// The command, the SDKs and browsers: what a tool builds on, said where no more is known.
const GROUNDS: &[(&str, &str)] = &[
    ("console", "AWS console"),
    ("signin.amazonaws.com", "AWS console"),
    ("aws-cli/", "AWS CLI"),
    ("aws-tools-powershell", "AWS Tools for PowerShell"),
    ("awspowershell", "AWS Tools for PowerShell"),
    ("boto3/", "Boto3"),
    ("botocore/", "Botocore"),
    ("boto/", "Boto"),
    ("aws-sdk-go", "AWS SDK for Go"),
    ("aws-sdk-js", "AWS SDK for JavaScript"),
    ("aws-sdk-nodejs", "AWS SDK for JavaScript"),
    ("aws-sdk-java", "AWS SDK for Java"),
    ("aws-sdk-kotlin", "AWS SDK for Kotlin"),
    ("aws-sdk-swift", "AWS SDK for Swift"),
    ("aws-sdk-rust", "AWS SDK for Rust"),
    ("aws-sdk-php", "AWS SDK for PHP"),
    ("aws-sdk-ruby", "AWS SDK for Ruby"),
    ("aws-sdk-dotnet", "AWS SDK for .NET"),
    ("aws-sdk-cpp", "AWS SDK for C++"),
    ("mozilla/", "Web browser"),
    ("aws internal", "An AWS service"),
    (".amazonaws.com", "An AWS service"),
];

/// Systems that people install to attack with: the command and the SDKs say on what they run.
const SYSTEMS: &[(&str, &str)] =
    &[("kali", "Kali Linux"), ("parrot", "Parrot OS"), ("blackarch", "BlackArch Linux"), ("pentoo", "Pentoo")];

/// The tools that a user agent speaks of, the most telling one first; at most four.
pub fn tools(user_agent: &str) -> Vec<&'static str> {
    let said = user_agent.to_ascii_lowercase();
    let mut found: Vec<&'static str> = Vec::new();
    for (part, name) in TOOLS.iter().chain(SYSTEMS) {
        if said.contains(part) && !found.contains(name) {
            found.push(name);
        }
    }
    // Terraform says which SDK it was built with: who knows the tool does not need that. Of a system it says nothing.
    let named = found.iter().any(|name| TOOLS.iter().any(|(_, tool)| tool == name));
    if !named && let Some((_, ground)) = GROUNDS.iter().find(|(part, _)| said.contains(part)) {
        found.push(ground);
    }
    found.truncate(4);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_known_by_what_they_say() {
        for (agent, known) in [
            ("aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0 exe/x86_64.ubuntu.22 prompt/off", vec!["AWS CLI"]),
            ("aws-cli/2.31.5 md/awscrt#0.27.6 ua/2.1 os/linux md/distrib#kali.2025", vec!["Kali Linux", "AWS CLI"]),
            ("Boto3/1.34.2 md/Botocore#1.34.2 ua/2.0 os/linux#6.5.0-13parrot1-amd64", vec!["Parrot OS", "Boto3"]),
            ("[Boto3/1.26.1 Python/3.10.6 Linux/5.19.0-46-generic Botocore/1.29.1]", vec!["Boto3"]),
            ("Botocore/1.31.0 Python/3.11.4", vec!["Botocore"]),
            ("Boto3/1.9.89 Python/3.8.1 Linux/4.1 Pacu", vec!["Pacu"]),
            ("TruffleHog", vec!["TruffleHog"]),
            ("Boto3/1.34 Botocore/1.34 Scout Suite/5.13", vec!["ScoutSuite"]),
            ("Boto3/1.35.1 md/Botocore#1.35.1 APN_1826889", vec!["Prowler"]),
            ("aws-sdk-go-v2/1.17.4 os/linux lang/go/1.20 cloudfox", vec!["CloudFox"]),
            ("enumerate-iam Botocore/1.12", vec!["enumerate-iam"]),
            ("APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) aws-sdk-go/1.44", vec!["Terraform"]),
            ("aws-sdk-go-v2/1.30 os/linux lang/go#1.22 api/sts#1.30", vec!["AWS SDK for Go"]),
            ("aws-sdk-js/3.4 ua/2.0 os/linux lang/js md/nodejs#20.1", vec!["AWS SDK for JavaScript"]),
            ("aws-sdk-rust/1.3.3 os/linux lang/rust/1.85", vec!["AWS SDK for Rust"]),
            ("aws-sdk-php/3.2 OS/Linux lang/php", vec!["AWS SDK for PHP"]),
            ("[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12 Linux/5.10]", vec!["AWS console"]),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Firefox/102.0", vec!["Web browser"]),
            ("curl/8.5.0", vec!["curl"]),
            ("AWS Internal", vec!["An AWS service"]),
            ("secretsmanager.amazonaws.com", vec!["An AWS service"]),
            ("something of my own", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(tools(agent), known, "{agent}");
        }
    }

    #[test]
    fn who_names_everything_is_told_briefly() {
        let all: String = TOOLS.iter().map(|(part, _)| format!("{part} ")).collect();
        assert_eq!(tools(&all).len(), 4);
    }
}
