public import BatchFormat
internal import Digests
public import Fault
public import JSON

/// Explains why a run would make something: what changed since the last version.
public enum Explanation {
    /// One line per change between the newest sealed version and a plan; for a plan whose result exists, the version that a run
    /// takes.
    public static func lines(of plan: VersionPlan, in folder: StageFolder) throws(Fault) -> [String] {
        guard let newest = try folder.newestSealed() else {
            return ["no sealed version yet: everything has to be made"]
        }
        let (last, name) = (newest.seal, newest.name)
        if let taken = try taken(by: plan, in: folder) {
            let isNewest = taken == StageFolder.number(name)
            return [
                "nothing changed since v\(taken)" + (isNewest ? "" : ", which the run takes again instead of \(name)")
            ]
        }
        var lines: [String] = []
        let (old, new) = (last.identity, plan.identity)
        if old.tool != new.tool { lines.append("the tool is \(new.tool), \(name) was made by \(old.tool)") }
        if old.revision != new.revision {
            lines.append(
                "the behaviour revision of \(new.tool) is \(new.revision), \(name) was made by \(old.revision)")
        }
        lines += differences(old.config, new.config).map { "config: \($0)" }
        if old.model != new.model {
            lines.append("the model is \(new.model.text(.line)), \(name) ran \(old.model.text(.line))")
        }
        for (before, now) in zip(last.inputs, plan.inputs) where before.digest != now.digest {
            lines.append("the input is \(now.stage) \(now.version), \(name) read \(before.stage) \(before.version)")
        }
        let known = Set(last.parts.map(\.key))
        let fresh = plan.keys.filter { !known.contains($0) }.count
        lines.append("\(fresh) of \(plan.keys.count) parts are not in \(name)")
        return lines
    }

    /// The sealed version that already is a plan's result: the current one, otherwise the newest such.
    public static func taken(by plan: VersionPlan, in folder: StageFolder) throws(Fault) -> Int? {
        for number in try folder.versionsToTake() {
            if let seal = try folder.readable(number)?.seal, plan.isResult(seal) { return number }
        }
        return nil
    }

    /// One line per key whose value differs between two configurations; nested keys are joined with dots.
    public static func differences(_ old: JSONObject, _ new: JSONObject, under prefix: String = "") -> [String] {
        var lines: [String] = []
        var names = old.members.map(\.name)
        names += new.members.map(\.name).filter { old[$0] == nil }
        for name in names {
            switch (old[name], new[name]) {
            case (.object(let a)?, .object(let b)?): lines += differences(a, b, under: "\(prefix)\(name).")
            case (let a?, let b?) where a != b:
                lines.append("\(prefix)\(name) = \(b.text(.line)), was \(a.text(.line))")
            case (nil, let b?): lines.append("\(prefix)\(name) = \(b.text(.line)), was not set")
            case (let a?, nil): lines.append("\(prefix)\(name) is no longer set, was \(a.text(.line))")
            default: break
            }
        }
        return lines
    }

    /// What a run would do, without doing it.
    package static func dryRun(of work: some StageWork, in folder: StageFolder) throws(Fault) -> StageOutcome {
        let plan = work.plan
        let numbers = try folder.versions()
        for number in try folder.versionsToTake() {
            guard let seal = try folder.readable(number)?.seal, plan.isResult(seal), try work.isDone(by: seal) else {
                continue
            }
            return StageOutcome(path: folder.version(number), seal: seal, status: .dryRun, made: 0, linked: 0)
        }
        let number = numbers.last.map { folder.isSealed($0) ? $0 + 1 : $0 } ?? 1
        let folders = plan.parts.count { $0.form == .folder }
        return StageOutcome(path: folder.version(number), seal: nil, status: .dryRun, made: folders, linked: 0)
    }
}

extension StageFolder {
    /// All versions in the order in which a run looks for one that it can take: the current one, then the newest first.
    func versionsToTake() throws(Fault) -> [Int] {
        let (numbers, current) = (try versions(), current())
        return numbers.filter { $0 == current } + numbers.reversed().filter { $0 != current }
    }
}
