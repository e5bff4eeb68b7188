import Fault
import Testing

@Suite struct FaultTests {
    @Test func `kinds have the exit codes of the contract`() {
        let codes: [(Fault.Kind, Int32, String)] = [
            (.heldBack, 10, "heldBack"), (.usage, 64, "usage"), (.damaged, 65, "damaged"), (.missing, 66, "missing"),
            (.unavailable, 69, "unavailable"), (.defect, 70, "defect"), (.disk, 74, "disk"),
            (.retryLater, 75, "retryLater"), (.denied, 77, "denied"), (.configuration, 78, "configuration"),
            (.interrupted, 130, "interrupted"), (.terminated, 143, "terminated"),
        ]
        for (kind, code, name) in codes {
            #expect(kind.exitCode == code)
            #expect(kind.description == name)
        }
        #expect(Set(codes.map(\.0)).count == codes.count)
        #expect(Fault.Kind.all == codes.map(\.0))
    }

    @Test func `the description names the causes`() {
        let disk = Fault(.disk, "cannot write 'a'")
        let outer = Fault(.damaged, "the part is lost", cause: disk)
        #expect("\(outer)" == "the part is lost: cannot write 'a'")
        #expect("\(Fault(.usage, "outermost", cause: outer))" == "outermost: the part is lost: cannot write 'a'")
    }

    @Test func `adding context keeps the kind and the cause`() {
        let seen = Fault(.disk, "full", cause: Fault(.disk, "no space left"), origin: .upstream("clean"))
            .within("part-00001")
        #expect(seen.kind == .disk && seen.origin == .upstream("clean"))
        #expect(Fault(.disk, "full").origin == .here)
        #expect("\(seen)" == "part-00001: full: no space left")
    }
}
