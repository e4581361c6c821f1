// Package secure is the cryptography of a session: who is who, the packets of the handshake, and the protection
// of records. It knows no session and no socket; bytes, keys and times go in and come out.
//
//	client                               server
//	INIT     Initiator    ------------>  Gate (MAC1, cookie), then ReadInit
//	Initiator.Retry       <------------  AppendRetry, only under load
//	Initiator.Accept      <------------  Responder.Answer, with a ticket that only the server can open
//	CONFIRM  AppendConfirm ----------->  Tickets.Open: only now the server has a session to remember
//	ParseRefuse           <------------  AppendRefuse, where it takes none
//	Sealer, Opener        <----------->  Sealer, Opener
//
// The key exchange is Noise_IK_25519_ChaChaPoly_BLAKE2s (noiseprotocol.org, revision 34): the client knows the
// server's public key beforehand and proves its own in the first message. Records are sealed with AES-128-GCM when
// both sides have AES in hardware, else with ChaCha20-Poly1305; nonces are counters. The bytes are as docs/protocol.md says.
//
// Reading order: wire.go, identity.go, initiator.go, responder.go, ticket.go, refuse.go, cookie.go; then cipher.go, sealer.go
// and opener.go for records. Nothing here is safe for concurrent use unless it says so.
package secure
