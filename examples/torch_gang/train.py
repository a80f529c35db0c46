# SPDX-License-Identifier: Apache-2.0
"""A small network learns which of three spirals a point lies on, on all members of a gang at once (DistributedDataParallel).

    nav run --members 2 --on a100 --code examples/torch_gang --wait -- torchrun --nproc_per_node 2 train.py
    nav run --members 4 --on mig-1g.5gb --code examples/torch_gang --wait -- python3 train.py

Every process computes on its own share of the points and all take the same step with the mean of their gradients. With --checkpoint FILE, in a folder
that all nodes share, the first process saves what has been learnt after every tenth pass, and a training that is started again goes on from there.
"""

import argparse
import math
import os
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

PASSES, SAVE_EVERY, SPIRALS, POINTS = 60, 10, 3, 600


def spirals() -> tuple[torch.Tensor, torch.Tensor]:
    """The same points in every process."""
    random = torch.Generator().manual_seed(0)
    label = torch.arange(POINTS) % SPIRALS
    radius = torch.rand(POINTS, generator=random) * 0.9 + 0.1
    angle = 2 * math.pi * (label / SPIRALS + 0.8 * radius) + 0.05 * torch.randn(POINTS, generator=random)
    return torch.stack([radius * torch.cos(angle), radius * torch.sin(angle)], dim=1), label


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint", type=Path, default=Path("checkpoint.pt"))
    checkpoint = parser.parse_args().checkpoint

    # NCCL does not support MIG: members on slices talk with gloo.
    on_gpu = torch.cuda.is_available()
    on_slice = os.environ.get("CUDA_VISIBLE_DEVICES", "").startswith("MIG-")
    dist.init_process_group("nccl" if on_gpu and not on_slice else "gloo", init_method="env://")
    rank, processes = dist.get_rank(), dist.get_world_size()
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if on_gpu else torch.device("cpu")

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, SPIRALS)).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    first = 1
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["passes"] + 1
        print(f"rank {rank} goes on after pass {saved['passes']}", flush=True)
    together = DistributedDataParallel(model)

    points, labels = (part.to(device) for part in spirals())
    mine = slice(rank, None, processes)
    for number in range(first, PASSES + 1):
        loss = nn.functional.cross_entropy(together(points[mine]), labels[mine])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if number % SAVE_EVERY == 0:
            mean = loss.detach().clone()
            dist.all_reduce(mean)
            if rank == 0:
                print(f"pass {number}  loss {mean.item() / processes:.4f}", flush=True)
                unfinished = checkpoint.with_name(checkpoint.name + ".part")
                torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "passes": number}, unfinished)
                unfinished.replace(checkpoint)
    right = (together(points).argmax(dim=1) == labels).float().mean().item()
    weights = sum(parameter.double().sum() for parameter in model.parameters()).item()
    print(f"rank {rank} of {processes}: {right:.3f} right, weights {weights:.9f}", flush=True)
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
