internal import Glibc

/// Waits until a condition is met.
///
/// - Parameters:
///   - what: what is waited for, named in the error if it does not happen.
///   - seconds: far longer than the slowest machine takes.
public func wait(for what: String, within seconds: Double = 300, until isSo: () throws -> Bool) throws {
    let deadline = Running.now() + seconds
    while try !isSo() {
        guard Running.now() < deadline else { throw HarnessError("waited \(seconds) s in vain for \(what)") }
        usleep(1000)
    }
}
