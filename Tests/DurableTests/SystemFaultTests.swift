import Durable
import Fault
import Glibc
import Testing

@Suite struct SystemFaultTests {
    @Test(arguments: [
        (ENOENT, Fault.Kind.missing), (ENOTDIR, .missing), (EACCES, .denied), (EPERM, .denied), (EAGAIN, .retryLater),
        (ENOSPC, .disk), (EIO, .disk), (EROFS, .disk), (EDQUOT, .disk),
    ])
    func `errno decides the kind`(_ code: Int32, _ kind: Fault.Kind) {
        let fault = Fault.system("write", "/data/x", errno: code)
        #expect(fault.kind == kind)
        #expect(fault.message == "cannot write '/data/x': \(String(cString: strerror(code)))")
    }
}
