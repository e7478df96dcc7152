package io.calco.nbd;

import io.calco.disk.CreateOptions;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Our client on our server, which agree on extended headers: a qcow2 image.
class OwnServerDiskTest extends RemoteDiskContract {
  @Override
  NbdAddress serve(long size, Path socket) throws IOException {
    Path file = socket.resolveSibling(socket.getFileName() + ".qcow2");
    Image.create(file, "qcow2", CreateOptions.ofSize(size));
    Image image =
        closing(
            Image.open(
                file, ImageOptions.reading().withFormat("qcow2").with(ImageOptions.Access.WRITE)));
    closing(
        NbdServer.onUnixSocket(
            socket, List.of(NbdExport.unnamed(image.disk())), NbdServer.Options.defaults()));
    return NbdAddress.parse("nbd+unix:///?socket=" + socket);
  }
}
