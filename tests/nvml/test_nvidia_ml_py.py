# SPDX-License-Identifier: Apache-2.0
"""NVIDIA's own Python binding, unchanged, on the simulated driver."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from ctypes import byref, sizeof
from typing import Any

import pynvml  # type: ignore[import-untyped]
import pytest
from pynvml import NVMLError_InUse, NVMLError_InsufficientResources, NVMLError_NotFound, NVMLError_NotSupported

from simulated_node import REPOSITORY, Node

Simulate = Callable[..., Node]
OpenDriver = Callable[[Node], None]

# Our struct -> nvidia-ml-py's.
STRUCTS = {
    "PciInfo": "nvmlPciInfo_t",
    "PciInfoExt": "nvmlPciInfoExt_v1_t",
    "Memory": "c_nvmlMemory_t",
    "MemoryV2": "c_nvmlMemory_v2_t",
    "Utilization": "c_nvmlUtilization_t",
    "ProcessInfo": "c_nvmlProcessInfo_v3_t",
    "ProcessDetail": "c_nvmlProcessDetail_v1_t",
    "ProcessDetailList": "c_nvmlProcessDetailList_v1_t",
    "DeviceAttributes": "c_nvmlDeviceAttributes",
    "Placement": "c_nvmlGpuInstancePlacement_t",
    "GpuInstanceProfileInfo": "c_nvmlGpuInstanceProfileInfo_t",
    "GpuInstanceProfileInfoV2": "c_nvmlGpuInstanceProfileInfo_v2_t",
    "GpuInstanceInfo": "c_nvmlGpuInstanceInfo_t",
    "ComputeInstanceProfileInfo": "c_nvmlComputeInstanceProfileInfo_t",
    "ComputeInstanceProfileInfoV2": "c_nvmlComputeInstanceProfileInfo_v2_t",
    "ComputeInstanceInfo": "c_nvmlComputeInstanceInfo_t",
    "FieldValue": "c_nvmlFieldValue_t",
    "EventData": "c_nvmlEventData_t",
    "TemperatureV1": "c_nvmlTemperature_v1_t",
    "GpmMetric": "c_nvmlGpmMetric_t",
}


def mig_gpu(index: int = 0) -> Any:
    gpu = pynvml.nvmlDeviceGetHandleByIndex(index)
    assert pynvml.nvmlDeviceSetMigMode(gpu, pynvml.NVML_DEVICE_MIG_ENABLE) == pynvml.NVML_SUCCESS
    return gpu


def cut(gpu: Any, profile: int, start: int, size: int, compute_profile: int) -> tuple[Any, Any, Any]:
    """A GPU instance at its placement, a compute instance that fills it, and the MIG device."""
    placement = pynvml.c_nvmlGpuInstancePlacement_t(start, size)
    instance = pynvml.nvmlDeviceCreateGpuInstanceWithPlacement(gpu, profile, byref(placement))
    compute = pynvml.nvmlGpuInstanceCreateComputeInstance(instance, compute_profile)
    return instance, compute, pynvml.nvmlComputeInstanceGetInfo_v2(compute).device


def test_struct_sizes_agree_with_nvidias_binding() -> None:
    header = (REPOSITORY / "src/nvmlsim/nvml_abi.h").read_text()
    ours = {name: int(size) for name, size in re.findall(r"static_assert\(sizeof\((\w+)\) == (\d+)", header)}
    versioned = re.findall(r"static_assert\(versioned<(\w+)>\(\d\) == (0x[0-9a-f]+)", header)
    ours |= {name: int(number, 16) & 0xFFFFFF for name, number in versioned}
    theirs = {mine: sizeof(getattr(pynvml, name)) for mine, name in STRUCTS.items()}
    assert {name: ours[name] for name in STRUCTS} == theirs


def test_lists_the_gpus_of_a_dgx(simulate: Simulate, open_driver: OpenDriver) -> None:
    open_driver(simulate("dgx-a100"))
    assert pynvml.nvmlDeviceGetCount() == 8
    gpus = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(8)]
    assert {pynvml.nvmlDeviceGetName(gpu) for gpu in gpus} == {"NVIDIA A100-SXM4-40GB"}
    assert len({pynvml.nvmlDeviceGetUUID(gpu) for gpu in gpus}) == 8
    assert pynvml.nvmlDeviceGetPciInfo(gpus[0]).busId == "00000000:07:00.0"
    assert pynvml.nvmlDeviceGetMemoryInfo(gpus[0]).total == 40960 << 20
    assert pynvml.nvmlDeviceGetMemoryInfo(gpus[0], version=pynvml.nvmlMemory_v2).reserved > 0
    assert pynvml.nvmlDeviceGetCudaComputeCapability(gpus[0]) == (8, 0)
    assert pynvml.nvmlDeviceGetMigMode(gpus[0]) == [0, 0]
    assert pynvml.nvmlDeviceGetTemperature(gpus[0], pynvml.NVML_TEMPERATURE_GPU) == 30
    assert pynvml.nvmlDeviceGetUtilizationRates(gpus[0]).gpu == 0
    assert int(pynvml.nvmlSystemGetNVMLVersion().split(".")[0]) >= 11


def test_creates_and_destroys_instances(simulate: Simulate, open_driver: OpenDriver) -> None:
    open_driver(simulate("dgx-a100"))
    gpu = mig_gpu()
    profile = pynvml.nvmlDeviceGetGpuInstanceProfileInfo(gpu, pynvml.NVML_GPU_INSTANCE_PROFILE_3_SLICE, version=2)
    assert (profile.id, profile.name, profile.memorySizeMB) == (9, "MIG 3g.20gb", 19968)
    instance, compute, device = cut(gpu, profile.id, 4, 4, pynvml.NVML_COMPUTE_INSTANCE_PROFILE_3_SLICE)
    uuid = pynvml.nvmlDeviceGetUUID(device)
    assert uuid.startswith("MIG-")
    assert pynvml.nvmlDeviceGetUUID(pynvml.nvmlDeviceGetMigDeviceHandleByIndex(gpu, 0)) == uuid
    assert pynvml.nvmlDeviceGetName(device) == "NVIDIA A100-SXM4-40GB MIG 3g.20gb"
    assert pynvml.nvmlDeviceGetAttributes(device).multiprocessorCount == 42
    with pytest.raises(NVMLError_InsufficientResources):
        cut(gpu, 9, 4, 4, 2)
    with pytest.raises(NVMLError_InUse):
        pynvml.nvmlGpuInstanceDestroy(instance)
    pynvml.nvmlComputeInstanceDestroy(compute)
    pynvml.nvmlGpuInstanceDestroy(instance)
    with pytest.raises(NVMLError_NotFound):
        pynvml.nvmlDeviceGetMigDeviceHandleByIndex(gpu, 0)
    with pytest.raises(NVMLError_NotSupported):
        pynvml.nvmlDeviceGetUtilizationRates(gpu)


def test_a_running_process_keeps_its_instance(simulate: Simulate, open_driver: OpenDriver) -> None:
    node = simulate("dgx-a100")
    open_driver(node)
    gpu = mig_gpu()
    instance, compute, device = cut(gpu, 19, 2, 1, 0)
    job = node.start_job(pynvml.nvmlDeviceGetUUID(device))
    try:
        with pytest.raises(NVMLError_InUse):
            pynvml.nvmlComputeInstanceDestroy(compute)
        (process,) = pynvml.nvmlDeviceGetComputeRunningProcesses(gpu)
        assert process.pid == job.pid
        assert process.gpuInstanceId == pynvml.nvmlGpuInstanceGetInfo(instance).id
        assert pynvml.nvmlDeviceGetMemoryInfo(device).used == process.usedGpuMemory > 0
        assert pynvml.nvmlSystemGetProcessName(job.pid) == "sleep"
    finally:
        job.kill()
        job.wait()
    pynvml.nvmlComputeInstanceDestroy(compute)
    pynvml.nvmlGpuInstanceDestroy(instance)


def test_faults_show_as_the_real_errors(simulate: Simulate, open_driver: OpenDriver) -> None:
    node = simulate("dgx-h100")
    open_driver(node)
    gpu = pynvml.nvmlDeviceGetHandleByIndex(3)
    events = pynvml.nvmlEventSetCreate()
    pynvml.nvmlDeviceRegisterEvents(gpu, pynvml.nvmlEventTypeXidCriticalError, events)
    node.control("xid", 3, 94, 7, 0)
    event = pynvml.nvmlEventSetWait_v2(events, 5000)
    assert (event.eventData, event.gpuInstanceId, event.computeInstanceId) == (94, 7, 0)
    pynvml.nvmlEventSetFree(events)
    node.control("lose", 3)
    with pytest.raises(pynvml.NVMLError_GpuIsLost):
        pynvml.nvmlDeviceGetName(gpu)
    node.control("clear")
    assert pynvml.nvmlDeviceGetName(gpu) == "NVIDIA H100 80GB HBM3"


def test_two_processes_see_one_machine(simulate: Simulate, open_driver: OpenDriver) -> None:
    node = simulate("dgx-a100")
    open_driver(node)
    _, _, device = cut(mig_gpu(), 14, 0, 2, 1)
    look = (
        "import pynvml; pynvml.nvmlInit(); gpu = pynvml.nvmlDeviceGetHandleByIndex(0);"
        "print(pynvml.nvmlDeviceGetUUID(pynvml.nvmlDeviceGetMigDeviceHandleByIndex(gpu, 0)))"
    )
    # A program that knows nothing of us, pointed at the node by its environment alone.
    seen = subprocess.run([sys.executable, "-c", look], env=node.environment(), check=True, text=True, stdout=subprocess.PIPE)
    assert seen.stdout.strip() == pynvml.nvmlDeviceGetUUID(device)


def test_every_call_of_the_binding_has_its_symbol(simulate: Simulate) -> None:
    node = simulate("a30")
    text = (REPOSITORY / ".").joinpath(pynvml.__file__).read_text()
    wanted = set(re.findall(r'_nvmlGetFunctionPointer\("(nvml\w+)"', text))
    shown = subprocess.run(["nm", "-D", "--defined-only", str(node.library)], check=True, text=True, stdout=subprocess.PIPE).stdout
    assert wanted - {line.split()[-1] for line in shown.splitlines()} == set()
