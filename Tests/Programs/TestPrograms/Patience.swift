internal import Glibc

/// Waits until something has come about.
///
/// - Parameters:
///   - what: what is waited for, for the error that is thrown if it does not come.
///   - seconds: far longer than the slowest machine takes.
public func wait(for what: String, within seconds: Double = 300, until isSo: () throws -> Bool) throws {
    let deadline = Running.now() + seconds
    while try !isSo() {
        guard Running.now() < deadline else { throw HarnessError("waited \(seconds) s in vain for \(what)") }
        usleep(1000)
    }
}
