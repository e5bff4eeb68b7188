package import Fault
package import Memory
internal import TorchModel

/// Where a model's batches take their memory, and how much is available.
package protocol MemoryMeter {
    /// Bytes in use now, including what is cached for the next batch.
    func held() throws(Fault) -> Int
    /// The peak of bytes in use; for a device since memory was last released.
    func peak() throws(Fault) -> Int
    /// The limits that apply.
    func bounds() throws(Fault) -> [MemoryGauge.Reading]
    /// Releases what is only cached for the next batch.
    func giveBack() throws(Fault)
}

/// The memory of this process.
struct HostMeter: MemoryMeter {
    let library: TorchLibrary
    let gauge: MemoryGauge

    func held() -> Int { gauge.resident() }
    func peak() -> Int { gauge.peakResident() }
    func bounds() -> [MemoryGauge.Reading] { gauge.readings() }

    func giveBack() throws(Fault) {
        try library.emptyCache(of: "cpu")
        FreedMemory.giveBack()
    }
}

/// The memory of a CUDA device, within the limits of this process too.
struct DeviceMeter: MemoryMeter {
    let library: TorchLibrary
    let device: String
    let host: HostMeter

    func held() throws(Fault) -> Int { try figures().allocated }
    func peak() throws(Fault) -> Int { try figures().peakAllocated }

    func bounds() throws(Fault) -> [MemoryGauge.Reading] {
        let figures = try figures()
        guard figures.total > 0 else { return host.bounds() }
        // Memory reserved by the allocator but used by no tensor is available to the next batch.
        let used = figures.total - figures.free - (figures.reserved - figures.allocated)
        return host.bounds() + [MemoryGauge.Reading(bound: .device, used: used, limit: figures.total)]
    }

    func giveBack() throws(Fault) {
        try library.emptyCache(of: device)
        try host.giveBack()
    }

    private func figures() throws(Fault) -> TorchMemory { try library.memory(of: device) }
}
