import Fault
import Foundation
import ObjectSources
import TestKit
import Testing

/// The credential chain, in the order that AWS's own tools use.
@Suite struct AWSSettingsTests {
    private let home: ScratchFolder

    init() throws {
        home = try ScratchFolder()
        try FileManager.default.createDirectory(atPath: home[".aws"], withIntermediateDirectories: true)
        try """
        # a comment
        [default]
        aws_access_key_id = FILEKEY
        aws_secret_access_key=file/secret+=
        ; another

        [night]
        aws_access_key_id=NIGHTKEY
        aws_secret_access_key=nightsecret
        aws_session_token = night/token==
        [half]
        aws_access_key_id=HALF
        """.write(toFile: home[".aws/credentials"], atomically: true, encoding: .utf8)
        try """
        [default]
        region = eu-north-1 # where it is dark
        aws_access_key_id = NOTTHIS
        s3 =
          addressing_style = path
          region = nested
        [profile night]
        region=eu-central-1
        endpoint_url = http://127.0.0.1:9
        [profile single sign]
        sso_start_url = https://x
        [sso-session night]
        region = us-west-9
        """.write(toFile: home[".aws/config"], atomically: true, encoding: .utf8)
    }

    private func settings(_ environment: [String: String]) throws -> AWSSettings {
        try AWSSettings(environment: ["HOME": home.path].merging(environment) { $1 })
    }

    @Test func `the environment goes first`() throws {
        let found = try settings([
            "AWS_ACCESS_KEY_ID": "ENVKEY", "AWS_SECRET_ACCESS_KEY": "envsecret", "AWS_SESSION_TOKEN": "envtoken",
            "AWS_REGION": "us-east-2", "AWS_DEFAULT_REGION": "us-west-2", "AWS_ENDPOINT_URL": "http://all",
            "AWS_ENDPOINT_URL_S3": "http://s3",
        ])
        #expect((found.accessKey, found.secretKey, found.sessionToken) == ("ENVKEY", "envsecret", "envtoken"))
        #expect((found.region, found.endpoint) == ("us-east-2", "http://s3"))
    }

    @Test func `then the default profile`() throws {
        let found = try settings(["AWS_SESSION_TOKEN": "of no use without a key", "AWS_ENDPOINT_URL": "http://all"])
        #expect((found.accessKey, found.secretKey, found.sessionToken) == ("FILEKEY", "file/secret+=", nil))
        #expect((found.region, found.endpoint) == ("eu-north-1", "http://all"))
    }

    @Test(arguments: ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]) func `a profile can be named`(_ variable: String) throws {
        let found = try settings([variable: "night", "AWS_DEFAULT_REGION": "us-west-2"])
        #expect((found.accessKey, found.secretKey, found.sessionToken) == ("NIGHTKEY", "nightsecret", "night/token=="))
        #expect((found.region, found.endpoint) == ("us-west-2", "http://127.0.0.1:9"))
    }

    @Test func `the files can be elsewhere`() throws {
        let other = home["elsewhere"]
        try "[default]\naws_access_key_id=OTHER\naws_secret_access_key=s".write(
            toFile: other, atomically: true, encoding: .utf8)
        #expect(try settings(["AWS_SHARED_CREDENTIALS_FILE": other]).accessKey == "OTHER")
        #expect(try settings(["AWS_SHARED_CREDENTIALS_FILE": "~/elsewhere"]).accessKey == "OTHER")
    }

    @Test func `there may be no credentials anywhere`() throws {
        let empty = try ScratchFolder()
        let found = try AWSSettings(environment: ["HOME": empty.path, "AWS_ACCESS_KEY_ID": ""])
        #expect(found.accessKey == nil)
        #expect(found.searched.contains(empty.path + "/.aws/credentials"))
    }

    @Test func `what else a profile has is reported`() throws {
        #expect(try settings(["AWS_PROFILE": "single sign"]).searched.contains("sso_start_url"))
    }

    @Test(arguments: [["AWS_PROFILE": "day"], ["AWS_PROFILE": "half"], ["AWS_ACCESS_KEY_ID": "ONLY"]])
    func `half a setting is an error`(_ environment: [String: String]) {
        let fault = #expect(throws: Fault.self) { try settings(environment) }
        #expect(fault?.kind == .configuration)
    }
}
