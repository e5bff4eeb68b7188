import Durable
import Fault
import Glibc
import TOMLText

/// The text of a configuration file.
enum ConfigFile {
    /// A handwritten file is small; a larger one is some other file, or a device.
    private static let most = 4 << 20

    /// Reads a file of UTF-8 text.
    static func read(_ path: String, ofPipeline name: String) throws(Fault) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw fault(path, ofPipeline: name, errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault(path, ofPipeline: name, errno) }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= most else {
                throw Fault(.configuration, "\(path) is not a pipeline.toml: it is larger than 4 MiB")
            }
        }
        // Editors on other systems put a byte order mark in front.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault(.configuration, "\(path) is not UTF-8 text, as TOML has to be")
        }
        return text
    }

    private static func fault(_ path: String, ofPipeline name: String, _ code: Int32) -> Fault {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOENT, ENOTDIR:
            let guess = nearest(to: name, among: pipelines(beside: path)).map { "; did you mean \"\($0)\"?" } ?? ""
            return Fault(.missing, "no pipeline \"\(name)\": '\(path)' does not exist\(guess)")
        case EACCES, EPERM: return Fault(.denied, "\(path) cannot be read: \(reason)")
        case EISDIR: return Fault(.configuration, "\(path) is a folder, not a pipeline.toml")
        default: return Fault(.disk, "\(path) cannot be read: \(reason)")
        }
    }

    /// The pipelines whose folders are beside that of a configuration.
    private static func pipelines(beside path: String) -> [String] {
        let folder = Folders.parent(of: Folders.parent(of: path))
        return ((try? Folders.names(in: folder)) ?? []).filter {
            Folders.exists("\(folder)/\($0)/\(Folders.name(of: path))")
        }
    }
}
