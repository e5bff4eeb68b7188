internal import Glibc

/// A pause of the calling thread.
enum Pause {
    static func seconds(_ seconds: Double) { usleep(UInt32(max(0, seconds) * 1_000_000)) }
}
