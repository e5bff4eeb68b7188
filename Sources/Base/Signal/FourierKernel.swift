internal import CFourier

/// The inner loops of the Fourier transform, compiled for one register width. All kernels give the same bits.
package struct FourierKernel: Sendable {
    let loops: nocturne_fourier_kernel

    /// Loops that run on every machine.
    package static let baseline = FourierKernel(loops: nocturne_fourier_baseline)

    /// Loops for the widest registers of this processor.
    package static let widest = nocturne_fourier_avx2().map { FourierKernel(loops: $0.pointee) } ?? baseline
}
