/// One complex number for each frame of a group.
struct ComplexLanes {
    var re: Lanes
    var im: Lanes

    @inline(__always)
    init(_ re: Lanes, _ im: Lanes) {
        self.re = re
        self.im = im
    }

    @inline(__always)
    static func + (a: ComplexLanes, b: ComplexLanes) -> ComplexLanes { ComplexLanes(a.re + b.re, a.im + b.im) }

    @inline(__always)
    static func - (a: ComplexLanes, b: ComplexLanes) -> ComplexLanes { ComplexLanes(a.re - b.re, a.im - b.im) }

    @inline(__always)
    static func * (a: ComplexLanes, factor: Float) -> ComplexLanes { ComplexLanes(a.re * factor, a.im * factor) }

    @inline(__always)
    static func * (a: ComplexLanes, w: Twiddle) -> ComplexLanes {
        ComplexLanes(a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re)
    }

    /// The number times −i.
    @inline(__always)
    var timesMinusI: ComplexLanes { ComplexLanes(im, -re) }
}

/// A complex number shared by all lanes: a root of unity of a Fourier transform.
struct Twiddle: BitwiseCopyable {
    var re: Float
    var im: Float
}

/// Complex numbers stored as real part, imaginary part, real part, …
extension UnsafePointer<Lanes> {
    @inline(__always)
    func complex(_ index: Int) -> ComplexLanes {
        ComplexLanes(self[2 &* index], self[2 &* index &+ 1])
    }
}

extension UnsafeMutablePointer<Lanes> {
    @inline(__always)
    func setComplex(_ index: Int, _ value: ComplexLanes) {
        self[2 &* index] = value.re
        self[2 &* index &+ 1] = value.im
    }
}
