internal import CBuildInfo

/// The version of this build.
public enum BuildInfo {
    /// The release, `0.1.0`.
    public static var version: String { String(cString: nocturne_version()) }
    /// The commit it was built from, with a `+` if there were changes on top.
    public static var commit: String { String(cString: nocturne_commit()) }
    /// Both, as written in seals: `0.1.0 (4f2c1e9)`.
    public static var full: String { "\(version) (\(commit))" }
}
