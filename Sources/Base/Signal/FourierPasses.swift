/// One pass of a Stockham transform: `stride` interleaved transforms of length `radix * butterflies` become `radix`
/// times as many of length `butterflies`, in natural order, from one buffer into another.
///
/// Output k of butterfly p is `root(p·k) · Σ_j input_j · exp(−2πi·j·k/radix)`; the roots other than root(0) = 1 stand in
/// `twiddles`, `radix − 1` for each p. See C. Van Loan, *Computational Frameworks for the FFT* (1992), section 1.7.
struct FourierPass {
    typealias Input = UnsafePointer<Lanes>
    typealias Output = UnsafeMutablePointer<Lanes>
    typealias Twiddles = UnsafePointer<Twiddle>

    let radix: Int
    let butterflies: Int
    let stride: Int
    /// Where this pass's roots start in the transform's table.
    let twiddleOffset: Int

    func run(from x: Input, to y: Output, twiddles: Twiddles) {
        switch radix {
        case 2: radix2(x, y, twiddles)
        case 3: radix3(x, y, twiddles)
        case 4: radix4(x, y, twiddles)
        default: radix5(x, y, twiddles)
        }
    }

    private func radix2(_ x: Input, _ y: Output, _ twiddles: Twiddles) {
        for p in 0..<butterflies {
            let w1 = twiddles[p]
            let input = stride &* p
            let output = 2 &* input
            for q in 0..<stride {
                let a = x.complex(input &+ q)
                let b = x.complex(input &+ q &+ stride &* butterflies)
                y.setComplex(output &+ q, a + b)
                y.setComplex(output &+ q &+ stride, (a - b) * w1)
            }
        }
    }

    private func radix3(_ x: Input, _ y: Output, _ twiddles: Twiddles) {
        let halfRootOfThree: Float = 0.866_025_4
        let step = stride &* butterflies
        for p in 0..<butterflies {
            let w1 = twiddles[2 &* p]
            let w2 = twiddles[2 &* p &+ 1]
            let input = stride &* p
            let output = 3 &* input
            for q in 0..<stride {
                let a = x.complex(input &+ q)
                let b = x.complex(input &+ q &+ step)
                let c = x.complex(input &+ q &+ 2 &* step)
                let sum = b + c
                let even = a - sum * 0.5
                let odd = ((b - c) * halfRootOfThree).timesMinusI
                y.setComplex(output &+ q, a + sum)
                y.setComplex(output &+ q &+ stride, (even + odd) * w1)
                y.setComplex(output &+ q &+ 2 &* stride, (even - odd) * w2)
            }
        }
    }

    private func radix4(_ x: Input, _ y: Output, _ twiddles: Twiddles) {
        let step = stride &* butterflies
        for p in 0..<butterflies {
            let w1 = twiddles[3 &* p]
            let w2 = twiddles[3 &* p &+ 1]
            let w3 = twiddles[3 &* p &+ 2]
            let input = stride &* p
            let output = 4 &* input
            for q in 0..<stride {
                let a = x.complex(input &+ q)
                let b = x.complex(input &+ q &+ step)
                let c = x.complex(input &+ q &+ 2 &* step)
                let d = x.complex(input &+ q &+ 3 &* step)
                let acSum = a + c
                let acDifference = a - c
                let bdSum = b + d
                let bdTurned = (b - d).timesMinusI
                y.setComplex(output &+ q, acSum + bdSum)
                if p == 0 {
                    y.setComplex(output &+ q &+ stride, acDifference + bdTurned)
                    y.setComplex(output &+ q &+ 2 &* stride, acSum - bdSum)
                    y.setComplex(output &+ q &+ 3 &* stride, acDifference - bdTurned)
                } else {
                    y.setComplex(output &+ q &+ stride, (acDifference + bdTurned) * w1)
                    y.setComplex(output &+ q &+ 2 &* stride, (acSum - bdSum) * w2)
                    y.setComplex(output &+ q &+ 3 &* stride, (acDifference - bdTurned) * w3)
                }
            }
        }
    }

    private func radix5(_ x: Input, _ y: Output, _ twiddles: Twiddles) {
        let cosine1: Float = 0.309_017  // cos 72°
        let cosine2: Float = -0.809_017  // cos 144°
        let sine1: Float = 0.951_056_5  // sin 72°
        let sine2: Float = 0.587_785_25  // sin 144°
        let step = stride &* butterflies
        for p in 0..<butterflies {
            let w1 = twiddles[4 &* p]
            let w2 = twiddles[4 &* p &+ 1]
            let w3 = twiddles[4 &* p &+ 2]
            let w4 = twiddles[4 &* p &+ 3]
            let input = stride &* p
            let output = 5 &* input
            for q in 0..<stride {
                let a = x.complex(input &+ q)
                let b = x.complex(input &+ q &+ step)
                let c = x.complex(input &+ q &+ 2 &* step)
                let d = x.complex(input &+ q &+ 3 &* step)
                let e = x.complex(input &+ q &+ 4 &* step)
                let beSum = b + e
                let cdSum = c + d
                let beDifference = b - e
                let cdDifference = c - d
                let even1 = a + beSum * cosine1 + cdSum * cosine2
                let even2 = a + beSum * cosine2 + cdSum * cosine1
                let odd1 = (beDifference * sine1 + cdDifference * sine2).timesMinusI
                let odd2 = (beDifference * sine2 - cdDifference * sine1).timesMinusI
                y.setComplex(output &+ q, a + beSum + cdSum)
                y.setComplex(output &+ q &+ stride, (even1 + odd1) * w1)
                y.setComplex(output &+ q &+ 2 &* stride, (even2 + odd2) * w2)
                y.setComplex(output &+ q &+ 3 &* stride, (even2 - odd2) * w3)
                y.setComplex(output &+ q &+ 4 &* stride, (even1 - odd1) * w4)
            }
        }
    }
}
