internal import Durable
package import Fault

/// AWS's settings, read in the order that AWS's own tools use: the environment, then the profile in
/// `~/.aws/credentials`, then the one in `~/.aws/config`.
package struct AWSSettings {
    package let accessKey: String?
    package let secretKey: String?
    package let sessionToken: String?
    package let region: String?
    package let endpoint: String?
    /// Where credentials were searched for, for the message that there are none.
    package let searched: String

    /// Reads the environment and the files that it names.
    ///
    /// - Throws: `.configuration` if `AWS_PROFILE` names a profile that does not exist, or a key has no secret.
    package init(environment: [String: String]) throws(Fault) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

        let home = variable("HOME") ?? ""
        let files = [
            variable("AWS_SHARED_CREDENTIALS_FILE") ?? "\(home)/.aws/credentials",
            variable("AWS_CONFIG_FILE") ?? "\(home)/.aws/config",
        ].map { $0.hasPrefix("~/") ? home + $0.dropFirst() : $0 }
        var profiles = AWSProfiles()
        for file in files where Folders.exists(file) {
            profiles.add(String(decoding: try AtomicFile.read(file, atMost: 1 << 20), as: UTF8.self))
        }
        let named = variable("AWS_PROFILE") ?? variable("AWS_DEFAULT_PROFILE")
        let profile = named ?? "default"
        if let named, !profiles.has(named) {
            throw Fault(
                .configuration,
                "AWS_PROFILE names the profile '\(named)', which is in neither '\(files[0])' nor '\(files[1])'")
        }

        region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? profiles.value("region", of: profile)
        endpoint =
            variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL")
            ?? profiles.value("endpoint_url", of: profile)
        // For AWS's own tools, a profile takes precedence over keys in the environment only if it is named on the
        // command line, not by AWS_PROFILE.
        if let key = variable("AWS_ACCESS_KEY_ID") {
            accessKey = key
            secretKey = variable("AWS_SECRET_ACCESS_KEY")
            sessionToken = variable("AWS_SESSION_TOKEN") ?? variable("AWS_SECURITY_TOKEN")
            guard secretKey != nil else {
                throw Fault(.configuration, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")
            }
        } else {
            accessKey = profiles.value("aws_access_key_id", of: profile)
            secretKey = profiles.value("aws_secret_access_key", of: profile)
            sessionToken = profiles.value("aws_session_token", of: profile)
            guard accessKey == nil || secretKey != nil else {
                throw Fault(.configuration, "the AWS profile '\(profile)' has a key id but no aws_secret_access_key")
            }
        }
        let other = profiles.keys(of: profile).filter {
            $0 == "credential_process" || $0 == "role_arn" || $0.hasPrefix("sso_")
        }
        searched =
            "looked at AWS_ACCESS_KEY_ID and at the profile '\(profile)' in '\(files[0])' and '\(files[1])'"
            + (other.isEmpty
                ? ""
                : "; the profile has \(other[0]), which needs 'aws configure export-credentials --format env' first")
    }
}
