package io.calco.guest.operation;

/// Remove a Chef client's key.
final class ChefClient extends Removal {
  ChefClient() {
    super(
        "chef-client",
        Default.ON,
        "Remove a Chef client's key",
        What.FILES,
        "/etc/chef/client.pem");
  }
}
