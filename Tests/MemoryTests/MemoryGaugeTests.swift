import Foundation
import Memory
import TestKit
import Testing

/// The kernel's files, simulated in a folder of the test's own.
private struct FakeSystem {
    private let scratch: ScratchFolder
    var root: String { scratch.path }

    init(_ files: [String: String]) throws {
        scratch = try ScratchFolder()
        for (path, text) in files { try scratch.write(path, text) }
    }
}

private let machine = ["/proc/meminfo": "MemTotal:       1000000 kB\nMemFree:  1 kB\nMemAvailable:    600000 kB\n"]
private let mounts = """
    31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
    35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
    41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw

    """

@Suite("The memory gauge")
struct MemoryGaugeTests {
    @Test
    func `the machine's memory is read without what caches would give back`() throws {
        let system = try FakeSystem(machine)
        let readings = MemoryGauge(systemRoot: system.root).readings().filter { $0.bound == .machine }
        #expect(readings == [.init(bound: .machine, used: 400_000 << 10, limit: 1_000_000 << 10)])
        #expect(abs(readings[0].share - 0.4) < 1e-12)
        #expect(readings[0].room(until: 0.5) == 100_000 << 10)
        #expect(readings[0].room(until: 0.3) == -(100_000 << 10))
    }

    @Test
    func `the limit of a version 1 control group is found, and of the one above it`() throws {
        let group = "/sys/fs/cgroup/memory/night/infer"
        let system = try FakeSystem(
            machine.merging([
                "/proc/self/cgroup": "5:cpu:/night\n4:memory:/night/infer\n0::/elsewhere\n",
                "/proc/self/mountinfo": mounts,
                "\(group)/memory.limit_in_bytes": "9223372036854771712\n",
                "\(group)/memory.usage_in_bytes": "5000000\n",
                "/sys/fs/cgroup/memory/night/memory.limit_in_bytes": "200000000\n",
                "/sys/fs/cgroup/memory/night/memory.usage_in_bytes": "190000000\n",
                "/sys/fs/cgroup/memory/night/memory.stat": "cache 70000000\ntotal_inactive_file 50000000\n",
            ]) { $1 })
        let gauge = MemoryGauge(systemRoot: system.root)
        #expect(
            gauge.readings().filter { $0.bound == .controlGroup }
                == [.init(bound: .controlGroup, used: 140_000_000, limit: 200_000_000)])
        #expect(gauge.readings().nearest?.bound == .controlGroup)
        #expect(gauge.limit() == 200_000_000)
        #expect(gauge.readings().map { $0.room(until: 0.9) }.min() == 40_000_000)
    }

    @Test
    func `the limit of a version 2 control group is found`() throws {
        let system = try FakeSystem(
            machine.merging([
                "/proc/self/cgroup": "0::/system.slice/nocturne.service\n",
                "/proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n",
                "/sys/fs/cgroup/system.slice/nocturne.service/cgroup.procs": "1\n",
                "/sys/fs/cgroup/system.slice/nocturne.service/memory.max": "300000000\n",
                "/sys/fs/cgroup/system.slice/nocturne.service/memory.current": "120000000\n",
                "/sys/fs/cgroup/system.slice/nocturne.service/memory.stat": "inactive_file 20000000\n",
                "/sys/fs/cgroup/system.slice/cgroup.procs": "\n",
                "/sys/fs/cgroup/system.slice/memory.max": "max\n",
                "/sys/fs/cgroup/system.slice/memory.current": "900000000\n",
            ]) { $1 })
        #expect(
            MemoryGauge(systemRoot: system.root).readings().filter { $0.bound == .controlGroup }
                == [.init(bound: .controlGroup, used: 100_000_000, limit: 300_000_000)])
    }

    @Test
    func `the mount's own root is taken where the kernel's path leads nowhere, as in a container`() throws {
        let system = try FakeSystem([
            "/proc/self/cgroup": "0::/docker/0123\n",
            "/proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
            "/sys/fs/cgroup/cgroup.procs": "1\n", "/sys/fs/cgroup/memory.max": "1000\n",
            "/sys/fs/cgroup/memory.current": "999\n",
        ])
        let nearest = MemoryGauge(systemRoot: system.root).readings().nearest
        #expect(nearest == .init(bound: .controlGroup, used: 999, limit: 1000))
    }

    @Test
    func `a configured figure bounds what is resident`() throws {
        let system = try FakeSystem(machine.merging(["/proc/self/status": "VmRSS:\t  750000 kB\n"]) { $1 })
        let gauge = MemoryGauge(configured: 800_000 << 10, systemRoot: system.root)
        #expect(gauge.readings().nearest == .init(bound: .configured, used: 750_000 << 10, limit: 800_000 << 10))
        #expect(gauge.resident() == 750_000 << 10)
    }

    @Test
    func `there are no readings where the kernel has none`() throws {
        let system = try FakeSystem(["/proc/meminfo": "nonsense\n: :\nMemTotal: x kB\n"])
        let gauge = MemoryGauge(systemRoot: system.root)
        #expect(gauge.readings().filter { $0.bound == .machine || $0.bound == .controlGroup }.isEmpty)
        #expect(gauge.resident() == 0)
    }

    @Test
    func `this very process is read`() throws {
        let gauge = MemoryGauge()
        let limit = try #require(gauge.limit())
        #expect(gauge.resident() > 1 << 20)
        #expect(gauge.resident() < limit)
        let nearest = try #require(gauge.readings().nearest)
        #expect(nearest.share > 0 && nearest.share < 1)
    }
}
