internal import Fault
internal import Glibc

/// The main loop of a decoder process: `clean --decode-worker`, started by `clean` itself.
///
/// Decoders read untrusted files. They run in separate processes, so that a crash costs only the current recording;
/// such a process has no secrets, locks or output files, has a memory limit, and ends with its parent.
public enum DecodeWorker {
    /// The argument that makes the tool a decoder; it is the only one, and not for users.
    public static let argument = "--decode-worker"

    /// Decodes the requests from standard input, a socket, until it is closed; then exits.
    public static func serve() -> Never { serve { _, _ in } }

    /// Serves with a disturbance: tests pass code that misbehaves before a recording and after each of its blocks of
    /// samples.
    package static func serve(_ disturb: (_ path: String, _ samplesSent: Int) -> Void) -> Never {
        // Ctrl-C is sent to every process at the terminal; the parent decides when to stop.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
        closeInheritedFiles()
        let channel = Channel(descriptor: STDIN_FILENO)
        guard let first = try? channel.receive(mostSamples: 0), let setup = DecodeSetup(first.text) else { exit(1) }
        limitResources(memory: setup.memoryLimit)
        var cleaner = AudioCleaner(setup.options)
        while let message = try? channel.receive(mostSamples: 0), let request = DecodeRequest(message.text) {
            answer(request, over: channel, &cleaner, disturb)
        }
        exit(0)
    }

    private static func answer(
        _ request: DecodeRequest, over channel: Channel, _ cleaner: inout AudioCleaner,
        _ disturb: (String, Int) -> Void
    ) {
        // The parent kills a decoder that is late. The alarm is for a decoder that hangs after its parent died; waiting
        // for the parent to take data is not a hang.
        let seconds = UInt32(clamping: Int(request.limit) + 10)
        func send(_ sending: () throws(Channel.Failure) -> Void) {
            alarm(0)
            guard (try? sending()) != nil else { exit(0) }
            alarm(seconds)
        }
        alarm(seconds)
        disturb(request.path, 0)
        var sent = 0
        let last: DecodeMessage
        do throws(Fault) {
            let result = try cleaner.clean(request.path) { samples in
                send { () throws(Channel.Failure) in try channel.send(samples) }
                sent += samples.count
                disturb(request.path, sent)
            } piece: { piece in
                send { () throws(Channel.Failure) in try channel.send(DecodeMessage.piece(piece).text) }
            }
            last = .end(result)
        } catch {
            last = .failed(error)
        }
        send { () throws(Channel.Failure) in try channel.send(last.text) }
        alarm(0)
    }

    /// Our own files are close-on-exec. Files left open by a shell or cron may include a lock, which must not be held
    /// here.
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
        // A recording that makes a decoder allocate more than it can need is rejected.
        var limit = rlimit(rlim_cur: rlim_t(memory), rlim_max: rlim_t(memory))
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        // A night of damaged files must not fill the disk with core dumps.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }
}
