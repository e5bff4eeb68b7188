package import Fault
package import Memory
internal import TorchModel

/// Where a model's batches take their memory, and how much there is.
package protocol MemoryMeter {
    /// Bytes held now, what is kept for the next batch included.
    func held() throws(Fault) -> Int
    /// The most bytes that were held at once, of a device since memory was last given back.
    func peak() throws(Fault) -> Int
    /// The bounds on what is held.
    func bounds() throws(Fault) -> [MemoryGauge.Reading]
    /// Gives back what is only kept for the next batch.
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

/// The memory of a CUDA device, within the bounds of this process too.
struct DeviceMeter: MemoryMeter {
    let library: TorchLibrary
    let device: String
    let host: HostMeter

    func held() throws(Fault) -> Int { try figures().allocated }
    func peak() throws(Fault) -> Int { try figures().peakAllocated }

    func bounds() throws(Fault) -> [MemoryGauge.Reading] {
        let figures = try figures()
        guard figures.total > 0 else { return host.bounds() }
        // What the allocator holds and no tensor uses is there for the next batch.
        let used = figures.total - figures.free - (figures.reserved - figures.allocated)
        return host.bounds() + [MemoryGauge.Reading(bound: .device, used: used, limit: figures.total)]
    }

    func giveBack() throws(Fault) {
        try library.emptyCache(of: device)
        try host.giveBack()
    }

    private func figures() throws(Fault) -> TorchMemory { try library.memory(of: device) }
}
