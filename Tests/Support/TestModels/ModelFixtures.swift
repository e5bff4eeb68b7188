internal import TestKit
package import TorchModel

/// The model packages in `Tests/Fixtures/models`, and the libtorch that runs them.
package enum ModelFixtures {
    /// The committed TorchScript packages.
    package static let folder = Checkout.fixture("models")

    /// The library, opened once.
    package static let library = Result { try TorchLibrary.open(TorchLibrary.besideExecutable()) }

    /// AOTInductor packages are machine code, so they are compiled here and kept: `compiled` and `compiled-bfloat16`,
    /// from the same weights as `masked`. Takes half a minute the first time.
    package static let compiledFolder = Result {
        let folder = Checkout.path(".deps/compiled-test-models")
        let python = Checkout.path(".deps/venv/bin/python")
        var program = Program([python, "-W", "ignore", "\(Self.folder)/make_models.py", "--aoti", folder])
        program.limit = 1800
        try program.run().successful()
        return folder
    }

    /// How to load a committed package's model.
    package static func options(_ name: String, precision: TorchModel.Precision = .float32) -> TorchModel.Options {
        TorchModel.Options(path: "\(folder)/\(name)/1/model.pt", format: .torchScript, precision: precision)
    }

    /// A committed package's model, loaded.
    package static func model(_ name: String, precision: TorchModel.Precision = .float32) throws -> TorchModel {
        try TorchModel(options(name, precision: precision), with: library.get())
    }
}
