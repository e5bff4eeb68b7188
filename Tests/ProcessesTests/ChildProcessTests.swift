import Fault
import Processes
import Testing

/// Other programs, run to their end.
struct ChildProcessTests {
    @Test(
        arguments: [(["true"], 0), (["sh", "-c", "exit 78"], 78), (["sh", "-c", "kill -9 $$"], 137)]
            as [([String], Int32)])
    func `the exit code comes back as a shell tells it`(words: [String], code: Int32) throws {
        #expect(try ChildProcess.run(words) == code)
    }

    @Test func `a program that is not there is a fault that names it`() {
        let fault = #expect(throws: Fault.self) { try ChildProcess.run(["/nowhere/at/all"]) }
        #expect(fault?.message.contains("/nowhere/at/all") == true)
    }

    @Test func `variables reach the program`() throws {
        let words = ["sh", "-c", "[ \"$NOCTURNE_TEST_VARIABLE\" = 'a b' ]"]
        #expect(try ChildProcess.run(words, environment: ["NOCTURNE_TEST_VARIABLE": "a b"]) == 0)
    }
}
