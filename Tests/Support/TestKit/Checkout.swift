internal import Foundation

/// The checkout that the tests were built from: where fixtures, pipelines and scripts are.
public enum Checkout {
    /// Its absolute path.
    public static let path = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../..").standardized.path

    /// The path of a file that the checkout holds, such as `pipelines/models`.
    public static func path(_ name: String) -> String { "\(path)/\(name)" }

    /// The path of a file in `Tests/Fixtures`.
    public static func fixture(_ name: String) -> String { path("Tests/Fixtures/\(name)") }

    /// The bytes of a file that the checkout holds.
    public static func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// The text of a file that the checkout holds.
    public static func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }
}
