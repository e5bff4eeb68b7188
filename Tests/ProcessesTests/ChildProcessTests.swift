import Fault
import Processes
import Testing

/// Runs other programs until they end.
struct ChildProcessTests {
    @Test(
        arguments: [(["true"], 0), (["sh", "-c", "exit 78"], 78), (["sh", "-c", "kill -9 $$"], 137)]
            as [([String], Int32)])
    func `the exit code comes back as a shell reports it`(words: [String], code: Int32) throws {
        let child = try ChildProcess(words)
        while true {
            if let ended = child.code() {
                #expect(ended == code)
                return
            }
            ChildProcess.pause()
        }
    }

    @Test(arguments: [("echo one; echo two", "one\ntwo\n"), ("true", ""), ("printf '%080000d\\nlast\\n' 0", "last\n")])
    func `what a program prints is kept, its end at least`(script: String, expected: String) throws {
        let child = try ChildProcess(["sh", "-c", script], keepingOutput: true)
        while child.code() == nil { ChildProcess.pause() }
        #expect(child.output == expected)
    }

    @Test func `a program that is not there is a fault that names it`() {
        let fault = #expect(throws: Fault.self) { _ = try ChildProcess(["/nowhere/at/all"]) }
        #expect(fault?.message.contains("/nowhere/at/all") == true)
    }
}
