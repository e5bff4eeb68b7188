/// Four frames side by side: lane *i* of every vector belongs to frame *i* of the group.
///
/// Each step of a feature (window, Fourier transform, mel filters, logarithm) is the same arithmetic on every frame, so
/// four frames go through it together and no step ever shuffles within a vector. Four lanes fill one register of the
/// machines every build must run on (SSE2, NEON). No lane sees another, so a frame's numbers do not depend on its group.
package typealias Lanes = SIMD4<Float>

/// The number of frames in a group.
let laneCount = Lanes.scalarCount

/// Where the samples of each frame of a group start.
struct FrameGroup {
    var first: UnsafePointer<Float>
    var second: UnsafePointer<Float>
    var third: UnsafePointer<Float>
    var fourth: UnsafePointer<Float>

    /// Sample `index` of each frame.
    @inline(__always)
    func sample(_ index: Int) -> Lanes {
        Lanes(first[index], second[index], third[index], fourth[index])
    }

    /// Samples `index ..< index + 4` of each frame.
    @inline(__always)
    func fourSamples(_ index: Int) -> FourLanes {
        FourLanes(
            UnsafeRawPointer(first + index).loadUnaligned(as: Lanes.self),
            UnsafeRawPointer(second + index).loadUnaligned(as: Lanes.self),
            UnsafeRawPointer(third + index).loadUnaligned(as: Lanes.self),
            UnsafeRawPointer(fourth + index).loadUnaligned(as: Lanes.self)
        ).transposed
    }
}

/// A square of four vectors of four numbers.
struct FourLanes {
    var a: Lanes
    var b: Lanes
    var c: Lanes
    var d: Lanes

    @inline(__always)
    init(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) {
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
    }

    /// Rows and columns swapped.
    @inline(__always)
    var transposed: FourLanes {
        FourLanes(
            Lanes(a[0], b[0], c[0], d[0]), Lanes(a[1], b[1], c[1], d[1]),
            Lanes(a[2], b[2], c[2], d[2]), Lanes(a[3], b[3], c[3], d[3]))
    }
}

/// Writes the first `frames` lanes of `columns` as rows of `width` numbers, row by row.
func storeRows(_ columns: UnsafePointer<Lanes>, width: Int, frames: Int, to rows: UnsafeMutablePointer<Float>) {
    var column = 0
    if frames == laneCount {
        while column + 4 <= width {
            let square = FourLanes(columns[column], columns[column + 1], columns[column + 2], columns[column + 3])
            let turned = square.transposed
            UnsafeMutableRawPointer(rows + column).storeBytes(of: turned.a, as: Lanes.self)
            UnsafeMutableRawPointer(rows + width + column).storeBytes(of: turned.b, as: Lanes.self)
            UnsafeMutableRawPointer(rows + 2 * width + column).storeBytes(of: turned.c, as: Lanes.self)
            UnsafeMutableRawPointer(rows + 3 * width + column).storeBytes(of: turned.d, as: Lanes.self)
            column += 4
        }
    }
    while column < width {
        for frame in 0..<frames { rows[frame * width + column] = columns[column][frame] }
        column += 1
    }
}
