package io.calco.guest.operation;

/// Remove a Kubernetes node's certificates and membership.
final class KubernetesNode extends Removal {
  KubernetesNode() {
    super(
        "kubernetes-node",
        Default.OFF,
        "Remove a Kubernetes node's certificates and membership",
        What.TREES,
        "/var/lib/kubelet/pki/*",
        "/var/lib/kubelet/cpu_manager_state",
        "/var/lib/kubelet/memory_manager_state",
        "/etc/kubernetes/kubelet.conf",
        "/etc/kubernetes/bootstrap-kubelet.conf",
        "/etc/rancher/node/password",
        "/var/lib/rancher/k3s/agent/*.kubeconfig",
        "/var/lib/rancher/k3s/agent/*.key",
        "/var/lib/rancher/k3s/agent/*.crt",
        "/var/lib/docker/swarm/*");
  }
}
