internal import BatchFormat
internal import Glibc
internal import JSON
internal import StageRun
internal import Synchronization
internal import Time

/// The tool's stderr: log lines, with a progress bar below them on a terminal.
final class Console: ProgressReporting {
    private struct State {
        var barShown = false
        var lastDrawn = 0.0
        var began = MonotonicClock.now()
    }

    private let tool: String
    private let format: LogFormat
    private let lowest: EventLevel
    private let drawsBar: Bool
    private let state = Mutex(State())

    init(tool: String, _ options: LogOptions) {
        self.tool = tool
        format = options.logFormat
        lowest = options.verbose ? .debug : options.quiet ? .warning : .info
        drawsBar =
            switch options.progress {
            case .auto: isatty(STDERR_FILENO) == 1 && !options.quiet && options.logFormat == .text
            case .always: true
            case .never: false
            }
    }

    func show(_ event: Event) {
        guard event.level >= lowest, format == .json || !event.message.isEmpty else { return }
        let line: String
        switch format {
        case .text:
            let prefix = event.level == .warning ? "warning: " : ""
            line = "\(tool): \(prefix)\(event.message)"
        case .json:
            var object: JSONObject = [
                "time": .string(WallClock.text(event.time)), "level": .string(event.level.rawValue),
                "stage": .string(tool), "event": .string(event.name),
            ]
            if !event.message.isEmpty { object["message"] = .string(event.message) }
            for (name, value) in event.figures.members { object[name] = value }
            line = JSON.object(object).text(.line)
        }
        state.withLock { state in
            wipe(&state)
            StandardStream.error.write(line + "\n")
        }
    }

    func update(done: Int, of total: Int) {
        guard drawsBar, total > 0 else { return }
        state.withLock { state in
            let now = MonotonicClock.now()
            guard now - state.lastDrawn > 0.1 || done == total else { return }
            state.lastDrawn = now
            state.barShown = true
            let width = 30
            let filled = width * done / total
            let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
            let rate = Double(done) / max(now - state.began, 1e-3)
            StandardStream.error.write("\r\u{1B}[K\(tool) [\(bar)] \(done)/\(total)  \(Int(rate)) items/s")
        }
    }

    func clear() { state.withLock { wipe(&$0) } }

    private func wipe(_ state: inout State) {
        guard state.barShown else { return }
        state.barShown = false
        StandardStream.error.write("\r\u{1B}[K")
    }
}
