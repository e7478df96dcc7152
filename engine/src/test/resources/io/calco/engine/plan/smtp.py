"""An SMTP server of aiosmtpd, which keeps what it takes: smtp.py starttls|tls|plain CERTIFICATE KEY DIRECTORY

Prints its port. Mail is DIRECTORY/1.eml and so on, with lines of the server's own above. Over TLS, and only there, `ana` must log in.
Nobody is called nobody. It ends with its standard input.
"""
import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

mode, certificate, key, directory = sys.argv[1:]


class Keeper:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 there is no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        Keeper.count += 1
        new = os.path.join(directory, "new")
        with open(new, "wb") as mail:
            over = session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None
            mail.write(("X-Tls: %s\r\nX-To: %s\r\nX-User: %s\r\n" % (over, ",".join(envelope.rcpt_tos), session.authenticated)).encode())
            mail.write(envelope.original_content)
        os.rename(new, os.path.join(directory, "%d.eml" % Keeper.count))
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    known = LoginPassword(b"ana", "una contraseña".encode())
    return AuthResult(success=isinstance(data, LoginPassword) and data == known, handled=False)


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    starttls = {"starttls": {"tls_context": context, "require_starttls": True}}.get(mode, {})

    def session():
        return SMTP(Keeper(), authenticator=authenticate, auth_required=mode != "plain", auth_require_tls=mode != "tls", **starttls)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=context if mode == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
