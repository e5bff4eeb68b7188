/// Eight frames side by side: lane *i* of every vector belongs to frame *i* of the group.
///
/// Each step of a feature (window, Fourier transform, mel filters, logarithm) is the same arithmetic on every frame, so
/// eight frames go through it together and no step shuffles within a vector. Eight lanes fill one AVX2 register, or two
/// on the baseline that every build must run on (SSE2, NEON). Lanes do not affect each other, so a frame's numbers do
/// not depend on its group.
package typealias Lanes = SIMD8<Float>

/// The number of frames in a group.
let laneCount = Lanes.scalarCount

/// Where the samples of each frame of a group start.
struct FrameGroup {
    /// Frames 0 to 3 of the group.
    var low: FrameQuad
    /// Frames 4 to 7.
    var high: FrameQuad

    /// Sample `index` of each frame.
    @inline(__always)
    func sample(_ index: Int) -> Lanes {
        Lanes(lowHalf: low.sample(index), highHalf: high.sample(index))
    }

    /// Samples `index ..< index + 4` of each frame.
    @inline(__always)
    func fourSamples(_ index: Int) -> FourLanes {
        FourLanes(low.square(index), high.square(index))
    }

    /// Fills `frame` with the frames' samples multiplied by the window, whose length is a multiple of four.
    func taper(by window: borrowing FixedBuffer<Float>, into frame: borrowing FixedBuffer<Lanes>) {
        let (length, window, frame) = (window.count, window.base, frame.base)
        for index in stride(from: 0, to: length, by: 4) {
            let samples = fourSamples(index)
            frame[index] = samples.a * window[index]
            frame[index &+ 1] = samples.b * window[index &+ 1]
            frame[index &+ 2] = samples.c * window[index &+ 2]
            frame[index &+ 3] = samples.d * window[index &+ 3]
        }
    }
}

/// Where the samples of four frames start.
struct FrameQuad {
    var first: UnsafePointer<Float>
    var second: UnsafePointer<Float>
    var third: UnsafePointer<Float>
    var fourth: UnsafePointer<Float>

    @inline(__always)
    fileprivate func sample(_ index: Int) -> SIMD4<Float> {
        SIMD4(first[index], second[index], third[index], fourth[index])
    }

    @inline(__always)
    fileprivate func square(_ index: Int) -> Square {
        Square(
            UnsafeRawPointer(first + index).loadUnaligned(as: SIMD4<Float>.self),
            UnsafeRawPointer(second + index).loadUnaligned(as: SIMD4<Float>.self),
            UnsafeRawPointer(third + index).loadUnaligned(as: SIMD4<Float>.self),
            UnsafeRawPointer(fourth + index).loadUnaligned(as: SIMD4<Float>.self)
        ).transposed
    }
}

/// Four vectors of lanes.
struct FourLanes {
    var a: Lanes
    var b: Lanes
    var c: Lanes
    var d: Lanes

    @inline(__always)
    init(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) {
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
    }

    /// From the low and the high halves of four vectors.
    @inline(__always)
    init(_ low: Square, _ high: Square) {
        self.init(
            Lanes(lowHalf: low.a, highHalf: high.a), Lanes(lowHalf: low.b, highHalf: high.b),
            Lanes(lowHalf: low.c, highHalf: high.c), Lanes(lowHalf: low.d, highHalf: high.d))
    }

    /// Four numbers of each of frames 0 to 3, one frame per row.
    @inline(__always)
    var lowRows: Square { Square(a.lowHalf, b.lowHalf, c.lowHalf, d.lowHalf).transposed }

    /// Four numbers of each of frames 4 to 7.
    @inline(__always)
    var highRows: Square { Square(a.highHalf, b.highHalf, c.highHalf, d.highHalf).transposed }
}

/// Four vectors of four numbers.
struct Square {
    var a: SIMD4<Float>
    var b: SIMD4<Float>
    var c: SIMD4<Float>
    var d: SIMD4<Float>

    @inline(__always)
    init(_ a: SIMD4<Float>, _ b: SIMD4<Float>, _ c: SIMD4<Float>, _ d: SIMD4<Float>) {
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
    }

    /// Rows and columns swapped.
    @inline(__always)
    var transposed: Square {
        Square(
            SIMD4(a[0], b[0], c[0], d[0]), SIMD4(a[1], b[1], c[1], d[1]),
            SIMD4(a[2], b[2], c[2], d[2]), SIMD4(a[3], b[3], c[3], d[3]))
    }

    /// Writes the vectors as rows `width` numbers apart.
    @inline(__always)
    func store(to rows: UnsafeMutablePointer<Float>, width: Int) {
        UnsafeMutableRawPointer(rows).storeBytes(of: a, as: SIMD4<Float>.self)
        UnsafeMutableRawPointer(rows + width).storeBytes(of: b, as: SIMD4<Float>.self)
        UnsafeMutableRawPointer(rows + 2 * width).storeBytes(of: c, as: SIMD4<Float>.self)
        UnsafeMutableRawPointer(rows + 3 * width).storeBytes(of: d, as: SIMD4<Float>.self)
    }
}

/// Writes the first `frames` lanes of `columns` as rows of `width` numbers, row by row.
func storeRows(_ columns: UnsafePointer<Lanes>, width: Int, frames: Int, to rows: UnsafeMutablePointer<Float>) {
    var column = 0
    if frames == laneCount {
        while column + 4 <= width {
            let four = FourLanes(columns[column], columns[column + 1], columns[column + 2], columns[column + 3])
            four.lowRows.store(to: rows + column, width: width)
            four.highRows.store(to: rows + 4 * width + column, width: width)
            column += 4
        }
    }
    while column < width {
        for frame in 0..<frames { rows[frame * width + column] = columns[column][frame] }
        column += 1
    }
}
