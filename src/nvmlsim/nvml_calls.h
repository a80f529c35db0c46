// SPDX-License-Identifier: Apache-2.0
// Declarations of the NVML calls that our own tests make, so that they go through the same door as any client.
#pragma once

#include "nvmlsim/nvml_abi.h"

extern "C" {
using nav::nvmlsim::Return;
using NvmlDevice = nav::nvmlsim::Device;
using NvmlGpuInstance = nav::nvmlsim::GpuInstanceHandle;
using NvmlComputeInstance = nav::nvmlsim::ComputeInstanceHandle;

Return nvmlInit_v2();
Return nvmlShutdown();
Return nvmlDeviceGetCount_v2(unsigned*);
Return nvmlDeviceGetHandleByIndex_v2(unsigned, NvmlDevice*);
Return nvmlDeviceGetHandleByUUID(char const*, NvmlDevice*);
Return nvmlDeviceGetHandleByPciBusId_v2(char const*, NvmlDevice*);
Return nvmlDeviceGetName(NvmlDevice, char*, unsigned);
Return nvmlDeviceGetUUID(NvmlDevice, char*, unsigned);
Return nvmlDeviceGetIndex(NvmlDevice, unsigned*);
Return nvmlDeviceGetMinorNumber(NvmlDevice, unsigned*);
Return nvmlDeviceGetMemoryInfo(NvmlDevice, nav::nvmlsim::Memory*);
Return nvmlDeviceGetRemappedRows(NvmlDevice, unsigned*, unsigned*, unsigned*, unsigned*);
Return nvmlDeviceGetAttributes_v2(NvmlDevice, nav::nvmlsim::DeviceAttributes*);
Return nvmlDeviceGetUtilizationRates(NvmlDevice, nav::nvmlsim::Utilization*);
Return nvmlDeviceGetComputeMode(NvmlDevice, unsigned*);
Return nvmlDeviceSetComputeMode(NvmlDevice, unsigned);
Return nvmlDeviceGetFieldValues(NvmlDevice, int, nav::nvmlsim::FieldValue*);
Return nvmlDeviceGetComputeRunningProcesses_v3(NvmlDevice, unsigned*, nav::nvmlsim::ProcessInfo*);
Return nvmlDeviceGetTopologyCommonAncestor(NvmlDevice, NvmlDevice, unsigned*);
Return nvmlDeviceGetNvLinkState(NvmlDevice, unsigned, unsigned*);

Return nvmlDeviceGetMigMode(NvmlDevice, unsigned*, unsigned*);
Return nvmlDeviceSetMigMode(NvmlDevice, unsigned, Return*);
Return nvmlDeviceGetGpuInstanceProfileInfo(NvmlDevice, unsigned, nav::nvmlsim::GpuInstanceProfileInfo*);
Return nvmlDeviceGetGpuInstanceProfileInfoV(NvmlDevice, unsigned, void*);
Return nvmlDeviceGetGpuInstancePossiblePlacements_v2(NvmlDevice, unsigned, nav::nvmlsim::Placement*, unsigned*);
Return nvmlDeviceGetGpuInstanceRemainingCapacity(NvmlDevice, unsigned, unsigned*);
Return nvmlDeviceCreateGpuInstance(NvmlDevice, unsigned, NvmlGpuInstance*);
Return nvmlDeviceCreateGpuInstanceWithPlacement(NvmlDevice, unsigned, nav::nvmlsim::Placement const*, NvmlGpuInstance*);
Return nvmlDeviceGetGpuInstances(NvmlDevice, unsigned, NvmlGpuInstance*, unsigned*);
Return nvmlDeviceGetGpuInstanceById(NvmlDevice, unsigned, NvmlGpuInstance*);
Return nvmlGpuInstanceDestroy(NvmlGpuInstance);
Return nvmlGpuInstanceGetInfo(NvmlGpuInstance, nav::nvmlsim::GpuInstanceInfo*);
Return nvmlGpuInstanceGetComputeInstanceProfileInfo(NvmlGpuInstance, unsigned, unsigned, nav::nvmlsim::ComputeInstanceProfileInfo*);
Return nvmlGpuInstanceCreateComputeInstance(NvmlGpuInstance, unsigned, NvmlComputeInstance*);
Return nvmlGpuInstanceGetComputeInstanceRemainingCapacity(NvmlGpuInstance, unsigned, unsigned*);
Return nvmlGpuInstanceGetComputeInstanceById(NvmlGpuInstance, unsigned, NvmlComputeInstance*);
Return nvmlComputeInstanceDestroy(NvmlComputeInstance);
Return nvmlComputeInstanceGetInfo_v2(NvmlComputeInstance, nav::nvmlsim::ComputeInstanceInfo*);
Return nvmlDeviceGetMaxMigDeviceCount(NvmlDevice, unsigned*);
Return nvmlDeviceGetMigDeviceHandleByIndex(NvmlDevice, unsigned, NvmlDevice*);
Return nvmlDeviceGetGpuInstanceId(NvmlDevice, unsigned*);
Return nvmlDeviceGetDeviceHandleFromMigDeviceHandle(NvmlDevice, NvmlDevice*);

Return nvmlEventSetCreate(nav::nvmlsim::EventSet**);
Return nvmlEventSetFree(nav::nvmlsim::EventSet*);
Return nvmlDeviceRegisterEvents(NvmlDevice, unsigned long long, nav::nvmlsim::EventSet*);
Return nvmlEventSetWait_v2(nav::nvmlsim::EventSet*, nav::nvmlsim::EventData*, unsigned);

Return nvmlGpmSampleAlloc(nav::nvmlsim::GpmSample**);
Return nvmlGpmSampleFree(nav::nvmlsim::GpmSample*);
Return nvmlGpmMigSampleGet(NvmlDevice, unsigned, nav::nvmlsim::GpmSample*);
Return nvmlGpmMetricsGet(nav::nvmlsim::GpmMetricsGet*);
}
