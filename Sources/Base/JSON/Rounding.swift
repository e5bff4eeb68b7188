extension Double {
    /// Rounded to a number of decimals, so that its shortest text has no more than that.
    public func rounded(decimals: Int) -> Double {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (self * scale).rounded()
        return scaled.isFinite ? scaled / scale : self
    }
}
