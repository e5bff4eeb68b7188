import Glibc

/// Rows of the orthonormal type-II cosine transform, which turns log mel energies into cepstra.
enum CosineTransform {
    /// `rows` × `columns` coefficients, row by row: √(1/N) for row 0, √(2/N)·cos(π/N·(n + ½)·k) for row k.
    static func matrix(rows: Int, columns: Int) -> [Double] {
        let step = Double.pi / Double(columns)
        let first = sqrt(1 / Double(columns))
        let other = sqrt(2 / Double(columns))
        var matrix: [Double] = []
        for row in 0..<rows {
            for column in 0..<columns {
                let angle = step * (Double(column) + 0.5) * Double(row)
                matrix.append(row == 0 ? first : other * cos(angle))
            }
        }
        return matrix
    }

    /// HTK's lifter, which scales cepstra to like magnitude: 1 + L/2·sin(πk/L) for coefficient k; 1 throughout if L is 0.
    static func lifter(_ lifter: Double, count: Int) -> [Double] {
        (0..<count).map { lifter == 0 ? 1 : 1 + 0.5 * lifter * sin(Double.pi * Double($0) / lifter) }
    }
}
