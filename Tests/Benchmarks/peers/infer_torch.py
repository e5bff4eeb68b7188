#!/usr/bin/env python3
"""A model over features in PyTorch, as one writes it by hand: load, sort by length, pad, run, write a line per item.

    infer_torch.py --model model.pt --batch 8 --order length --out out.jsonl part-*/features.safetensors
    infer_torch.py --model model.pt2 --batch 8 --out out.jsonl …      an AOTInductor package

Prints what it took as JSON, and leaves it beside its output: `forward_seconds` is the time inside the model alone.
"""

import argparse
import json
import time

began = time.perf_counter()

import safetensors  # noqa: E402
import torch  # noqa: E402


def load(path: str):
    """A function from features and lengths to logits."""
    if path.endswith(".pt2"):
        return torch._inductor.aoti_load_package(path, run_single_threaded=True)
    return torch.jit.freeze(torch.jit.load(path).eval())


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("features", nargs="+", help="files of one float32 [frames, bins] tensor an item")
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--batch", type=int, default=8, help="items in a batch")
    arguments.add_argument("--order", choices=["length", "arrival"], default="length")
    arguments.add_argument("--precision", choices=["float32", "bfloat16"], default="float32", help="of the features")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--out", required=True)
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)

    items = []
    for path in options.features:
        # Mapped: a tensor is read when it is padded into its batch.
        with safetensors.safe_open(path, "pt") as file:
            items += [(name, file.get_tensor(name)) for name in file.keys()]
    items.sort(key=lambda item: item[0])
    order = list(range(len(items)))
    if options.order == "length":
        order.sort(key=lambda place: -len(items[place][1]))

    lines = [None] * len(items)
    forward, frames, padded = 0.0, 0, 0
    with torch.inference_mode():
        model = load(options.model)
        for start in range(0, len(order), options.batch):
            places = order[start : start + options.batch]
            tensors = [items[place][1] for place in places]
            lengths = torch.tensor([len(tensor) for tensor in tensors])
            features = torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True)
            entered = time.perf_counter()
            logits = model(features.to(getattr(torch, options.precision)), lengths)
            forward += time.perf_counter() - entered
            frames += int(lengths.sum())
            padded += features.shape[0] * features.shape[1]
            scores, labels = torch.softmax((logits if torch.is_tensor(logits) else logits[0]).double(), 1).max(1)
            for place, score, label in zip(places, scores.tolist(), labels.tolist()):
                lines[place] = {"id": items[place][0], "label": label, "score": round(score, 6)}
    with open(options.out, "w") as out:
        for line in lines:
            out.write(json.dumps(line) + "\n")
    took = json.dumps({
        "seconds": round(time.perf_counter() - began, 3), "forward_seconds": round(forward, 3),
        "padding_share": round(1 - frames / padded, 4), "items": len(items)})
    with open(options.out + ".took", "w") as out:
        out.write(took)
    print(took)


if __name__ == "__main__":
    main()
