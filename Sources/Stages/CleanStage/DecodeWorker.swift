package import Fault
internal import Glibc

/// The inside of a decoder process: `clean --decode-worker`, started by `clean` itself.
///
/// Decoders read what strangers wrote. They run in processes of their own, so that a crash costs the recording in hand;
/// such a process holds no secrets, no locks and no output files, has a limit to its memory, and ends with its parent.
public enum DecodeWorker {
    /// The argument that makes the tool a decoder; it stands alone and is not for people.
    public static let argument = "--decode-worker"

    /// Decodes what comes in over standard input, a socket, until it is closed; then exits.
    public static func serve() -> Never {
        serve { path, cleaner in cleaner.result(for: path) }
    }

    /// Serves with a decoder to choose: tests put one there that misbehaves.
    package static func serve(
        _ decode: (_ path: String, _ cleaner: inout AudioCleaner) -> Result<DecodeVerdict, Fault>
    ) -> Never {
        // Ctrl-C goes to every process at the terminal; when to stop is the parent's decision.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
        closeInheritedFiles()
        let channel = Channel(descriptor: STDIN_FILENO)
        guard let first = try? channel.receive(mostSamples: 0), let setup = DecodeSetup(first.text) else { exit(1) }
        limitResources(memory: setup.memoryLimit)
        var cleaner = AudioCleaner(setup.options)
        while let message = try? channel.receive(mostSamples: 0), let request = DecodeRequest(message.text) {
            // The parent kills a decoder that is late. The alarm is for a decoder that hangs after its parent died.
            alarm(UInt32(clamping: Int(request.limit) + 10))
            let reply = DecodeAnswer(decode(request.path, &cleaner)).message
            guard (try? channel.send(reply.text, reply.samples)) != nil else { break }
            alarm(0)
        }
        exit(0)
    }

    /// Our own files are close-on-exec. What a shell or cron left open may be a lock, and is not ours to hold.
    private static func closeInheritedFiles() {
        guard let folder = opendir("/proc/self/fd") else { return }
        var inherited: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 } }
            guard let file = Int32(String(decoding: name, as: UTF8.self)) else { continue }
            if file > STDERR_FILENO, file != dirfd(folder) { inherited.append(file) }
        }
        closedir(folder)
        for file in inherited { close(file) }
    }

    private static func limitResources(memory: Int) {
        // A recording that makes a decoder ask for more than it can need is refused, not paid for.
        var limit = rlimit(rlim_cur: rlim_t(memory), rlim_max: rlim_t(memory))
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        // A night of damaged files must not fill the disk with core dumps.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }
}
