"""The sentence for each reason, in English and in Vietnamese: what is wrong, and what to do about it.

Where a reason is a problem's too, the caller reads another sentence (``gateway/api/reasons.py``): that one is for whom
the portal serves, this one for whom the gateway is looked after by.
"""

from __future__ import annotations

from typing import Final

_NETWORK: Final = {
    "name_unknown": (
        "The resolver does not know the name {host}: correct the url, or ask who runs the system for its new name.",
        "Máy chủ tên miền không biết tên {host}: sửa url, hoặc hỏi đơn vị vận hành hệ thống tên mới.",
    ),
    "resolver": (
        "This machine gets no answer about names: mend its resolver (/etc/resolv.conf, DNS) before all else.",
        "Máy này không hỏi được tên miền: trước hết sửa cấu hình DNS (/etc/resolv.conf) của máy.",
    ),
    "private_address": (
        "The address of {host} is private: set allow_private: true if the system is in your own network.",
        "Địa chỉ của {host} là địa chỉ nội bộ: đặt allow_private: true nếu hệ thống nằm trong mạng của tỉnh.",
    ),
    "refused": (
        "Nothing listens on {host}:{port}: check host and port of the url, then ask whether the system is running.",
        "Không có dịch vụ ở {host}:{port}: kiểm tra máy chủ và cổng trong url, rồi hỏi hệ thống có đang chạy không.",
    ),
    "no_connection": (
        (
            "No connection to {host}:{port} within {seconds:g} s: ask whether this machine's outgoing address is let "
            "through by both firewalls."
        ),
        (
            "Không kết nối được tới {host}:{port} trong {seconds:g} giây: hỏi tường lửa hai bên đã mở cho địa chỉ ra "
            "của máy này chưa."
        ),
    ),
    "tls_expired": (
        "The TLS certificate of {host} has expired: its operator must renew it; nothing is sent there until then.",
        "Chứng thư TLS của {host} đã hết hạn: đơn vị vận hành phải gia hạn; cho đến lúc đó cổng không gửi gì.",
    ),
    "tls_wrong_host": (
        "The TLS certificate of {host} is for another name: use the name in it as url, or ask for the right one.",
        "Chứng thư TLS của {host} cấp cho tên khác: dùng tên ghi trong chứng thư làm url, hoặc xin chứng thư đúng.",
    ),
    "tls_untrusted": (
        "The TLS certificate of {host} is not trusted here: give its authority as ca_file, or ask what changed.",
        "Máy này không tin chứng thư TLS của {host}: khai ca_file của tổ chức cấp, hoặc hỏi điều gì đã thay đổi.",
    ),
    "tls_not_strict": (
        (
            "The TLS certificate of {host} is not made as RFC 5280 demands: ask for a current one, or set "
            "tls.strict: false for this system."
        ),
        (
            "Chứng thư TLS của {host} không đúng dạng RFC 5280: xin chứng thư mới, hoặc đặt tls.strict: false cho hệ "
            "thống này."
        ),
    ),
    "certificate_ends": (
        "The TLS certificate of {host} ends in {days} days: ask its operator now when it will be renewed.",
        "Chứng thư TLS của {host} còn {days} ngày: hỏi đơn vị vận hành khi nào gia hạn.",
    ),
    "clock_skew": (
        (
            "The clocks of this machine and of {host} differ by {seconds:g} s: check this machine's NTP first, then "
            "tell them."
        ),
        "Đồng hồ máy này và {host} lệch {seconds:g} giây: kiểm tra NTP của máy này trước, rồi báo cho họ.",
    ),
    "slow": (
        (
            "The answer took {seconds:g} s of the {limit:g} s that one attempt may take: callers wait; ask the "
            "system's operator, or raise attempt_timeout_s."
        ),
        (
            "Câu trả lời mất {seconds:g} giây trên {limit:g} giây cho phép mỗi lần: người dùng phải chờ; hỏi đơn vị "
            "vận hành, hoặc tăng attempt_timeout_s."
        ),
    ),
    "contract": (
        "A pinned contract is missing or was changed: install this release's contracts/ folder again.",
        "Thiếu hoặc sai tệp quy cách đã ghim: cài lại thư mục contracts/ của bản này.",
    ),
}
_ANSWERS: Final = {
    "unreachable": (
        "{host} takes connections and closes them before it answers: tell its operator the time of this try.",
        "{host} nhận kết nối nhưng đóng trước khi trả lời: báo đơn vị vận hành thời điểm thử này.",
    ),
    "cut_off": (
        "The answer of {host} broke off: try again, and tell its operator if it does so twice.",
        "Câu trả lời của {host} bị đứt giữa chừng: thử lại, nếu lặp lại thì báo đơn vị vận hành.",
    ),
    "upstream_error": (
        "{host} answers with an error of its own: tell its operator; the gateway can do nothing.",
        "{host} trả lỗi của chính hệ thống: báo đơn vị vận hành; phía cổng không xử lý được.",
    ),
    "maintenance": (
        "{host} answers with a page for people in place of data: ask whether it is under maintenance, and until when.",
        "{host} trả trang web thay cho dữ liệu: hỏi hệ thống có đang bảo trì không, đến khi nào.",
    ),
    "quota_spent": (
        "{host} says that the quota is spent: wait until it is counted anew, or ask for a larger one.",
        "{host} báo hết hạn mức: chờ đến kỳ tính mới, hoặc xin tăng hạn mức.",
    ),
    "token_endpoint": (
        "The token service {token_host} fails: tell its operator; without a token this system is not asked.",
        "Dịch vụ cấp token {token_host} bị lỗi: báo đơn vị vận hành; không có token thì không hỏi được hệ thống này.",
    ),
    "attempt": (
        "{host} did not answer within {limit:g} s: ask whether it is overloaded; attempt_timeout_s sets the limit.",
        "{host} không trả lời trong {limit:g} giây: hỏi hệ thống có quá tải không; giới hạn ở attempt_timeout_s.",
    ),
    "credentials": (
        (
            "{host} does not accept the gateway's credentials: compare the secret files with what they gave, and ask "
            "whether they were changed."
        ),
        (
            "{host} không chấp nhận thông tin xác thực: đối chiếu các tệp bí mật với thông tin được cấp, hỏi có bị "
            "đổi không."
        ),
    ),
    "allow_list": (
        "{host} does not accept this machine's address: ask for the outgoing address to be put on their allow-list.",
        "{host} không nhận địa chỉ của máy này: đề nghị đưa địa chỉ ra vào danh sách cho phép.",
    ),
    "officer": (
        "{host} wants a registered officer: give full name and citizen number under officers, as they registered them.",
        "{host} yêu cầu cán bộ đã đăng ký: khai họ tên và số định danh trong officers đúng như đã đăng ký.",
    ),
    "malformed": (
        (
            "The answer of {host} does not have the form of its contract: run `lgsp contracts check --target`, and "
            "tell the developers."
        ),
        "Câu trả lời của {host} sai cấu trúc quy cách: chạy `lgsp contracts check --target` rồi báo người phát triển.",
    ),
    "drift": (
        (
            "The answer of {host} can be used and differs from its contract ({kinds}): run `lgsp contracts check "
            "--target`, and tell the developers before more changes."
        ),
        (
            "Câu trả lời của {host} dùng được nhưng khác quy cách ({kinds}): chạy `lgsp contracts check --target` và "
            "báo người phát triển trước khi thay đổi thêm."
        ),
    ),
    "off_contract": (
        (
            "{host} answers with a status or code that its contract does not describe: run `lgsp contracts check "
            "--target`, and tell the developers."
        ),
        (
            "{host} trả trạng thái hoặc mã mà quy cách không nêu: chạy `lgsp contracts check --target` rồi báo người "
            "phát triển."
        ),
    ),
    "inconsistent_response": (
        "{host} answers about another record than asked: tell its operator at once; such answers are never passed on.",
        "{host} trả bản ghi khác với bản ghi được hỏi: báo ngay đơn vị vận hành; cổng không chuyển câu trả lời này.",
    ),
    "response_too_large": (
        "The answer of {host} is larger than limits allow: tell its operator; raise limits only if the size is right.",
        "Câu trả lời của {host} vượt giới hạn: báo đơn vị vận hành; chỉ tăng limits nếu kích thước là đúng.",
    ),
    "forbidden_xml": (
        "The answer of {host} has XML that no answer needs (DTD, entities): tell its operator, it may be an attack.",
        "Câu trả lời của {host} có XML bị cấm (DTD, entity): báo đơn vị vận hành, có thể là tấn công.",
    ),
    "request_hash": (
        "The road carried another message than was sent: tell the operator of the security server.",
        "Trục kết nối chuyển thông điệp khác với thông điệp đã gửi: báo đơn vị vận hành máy chủ bảo mật.",
    ),
    "road_refused": (
        (
            "The security server does not know this gateway or the service, or gives no right: compare the "
            "identifiers under {road}, and ask its operator for the right."
        ),
        (
            "Máy chủ bảo mật không biết cổng này hoặc dịch vụ, hoặc chưa cấp quyền: đối chiếu định danh trong "
            "{road}, và xin cấp quyền."
        ),
    ),
    "road_failed": (
        "The security server {host} could not carry the message: tell its operator.",
        "Máy chủ bảo mật {host} không chuyển được thông điệp: báo đơn vị vận hành.",
    ),
    "provider_failed": (
        "The road works, and the system behind it does not answer its security server: tell the system's operator.",
        "Trục kết nối hoạt động nhưng hệ thống phía sau không trả lời: báo đơn vị vận hành hệ thống đó.",
    ),
    "road_request": (
        "The security server could not read the gateway's message: tell the developers of the gateway.",
        "Máy chủ bảo mật không đọc được thông điệp của cổng: báo người phát triển cổng.",
    ),
    "addresses": (
        "This machine has no free port for another connection: look which process holds them (`ss -s`).",
        "Máy này hết cổng mạng cho kết nối mới: xem tiến trình nào đang giữ (`ss -s`).",
    ),
    "descriptors": (
        "This machine can open no more files and connections: raise LimitNOFILE, or find who holds them (`lsof`).",
        "Máy này không mở thêm được tệp và kết nối: tăng LimitNOFILE, hoặc tìm tiến trình đang giữ (`lsof`).",
    ),
    "memory": (
        "This machine has no memory for another connection: give it more, or end what takes it.",
        "Máy này hết bộ nhớ cho kết nối mới: thêm bộ nhớ, hoặc dừng tiến trình đang chiếm.",
    ),
}
_OWN: Final = {
    "store_unreachable": (
        (
            "PostgreSQL could not be used: see that it runs, that store.url names it, and that it lets this user in; "
            "orders are not accepted until then."
        ),
        (
            "Không dùng được PostgreSQL: xem dịch vụ có chạy, store.url có đúng, người dùng có quyền không; cho đến "
            "lúc đó cổng không nhận yêu cầu ghi."
        ),
    ),
    "store_read_only": (
        "PostgreSQL takes no writes: store.url must name the primary, and its disk must have room.",
        "PostgreSQL không cho ghi: store.url phải trỏ tới máy chính, và ổ đĩa phải còn chỗ.",
    ),
    "store_migrations": (
        "{count} changes of the schema are missing: run `lgsp store migrate`.",
        "Thiếu {count} thay đổi lược đồ: chạy `lgsp store migrate`.",
    ),
    "store_key": (
        (
            "store.key does not open what is in the store: give the key it was made with, or add it to "
            "store.previous_keys."
        ),
        "store.key không mở được dữ liệu trong kho: dùng khóa ban đầu, hoặc thêm khóa đó vào store.previous_keys.",
    ),
    "store_older_key": (
        "{count} values have an older key: run `lgsp store rotate-key`.",
        "{count} giá trị còn mã hóa bằng khóa cũ: chạy `lgsp store rotate-key`.",
    ),
    "store_restored": (
        "The store was restored from a backup and nothing is sent: run `lgsp store recovered --reason TEXT`.",
        "Kho được khôi phục từ bản sao lưu nên chưa gửi gì: chạy `lgsp store recovered --reason LÝ_DO`.",
    ),
    "store_newer": (
        "The schema is of a newer release than this one: run that release here too.",
        "Lược đồ của kho thuộc bản mới hơn: cài bản đó trên máy này.",
    ),
    "redis_unreachable": (
        (
            "Redis at {host} does not answer: see that it runs and that cache.redis.url names it; gateways share no "
            "answers until then, and each goes on with its own cache."
        ),
        (
            "Redis tại {host} không trả lời: xem dịch vụ có chạy, cache.redis.url có đúng không; trong lúc đó các "
            "cổng dùng bộ nhớ đệm riêng."
        ),
    ),
    "redis_password": (
        "Redis at {host} does not accept user or password: compare cache.redis.username and password with its ACL.",
        "Redis tại {host} không nhận người dùng hoặc mật khẩu: đối chiếu cache.redis.username, password với ACL.",
    ),
    "redis_tls": (
        "No TLS connection to Redis at {host}: give its authority as cache.redis.ca_file, or use the port for TLS.",
        "Không kết nối TLS được tới Redis tại {host}: khai cache.redis.ca_file, hoặc dùng cổng TLS.",
    ),
    "redis_writes": (
        (
            "Redis at {host} takes no writes: it is full, read-only or a replica; name the primary, and set "
            "maxmemory-policy to allkeys-lru."
        ),
        (
            "Redis tại {host} không cho ghi: đầy, chỉ đọc hoặc là bản sao; trỏ tới máy chính và đặt maxmemory-policy "
            "là allkeys-lru."
        ),
    ),
    "redis_clear": (
        (
            "Redis at {host} is asked without TLS beyond this machine: use rediss://, unless the network between is "
            "yours alone."
        ),
        "Redis tại {host} được hỏi không qua TLS: dùng rediss://, trừ khi mạng ở giữa là của riêng tỉnh.",
    ),
    "disk_missing": (
        "The folder {folder} can't be written: make it for the gateway's user, or set LGSP_STATE_DIR.",
        "Không ghi được thư mục {folder}: tạo cho người dùng của cổng, hoặc đặt LGSP_STATE_DIR.",
    ),
    "disk_full": (
        "The disk of {folder} has {free} MiB left: make room before PostgreSQL or the log stop.",
        "Ổ đĩa chứa {folder} còn {free} MiB: dọn chỗ trước khi PostgreSQL hoặc nhật ký dừng.",
    ),
    "descriptors_few": (
        "This process may open {hard} files and can need {needed}: set LimitNOFILE={needed} or more (ulimit -n).",
        "Tiến trình chỉ được mở {hard} tệp nhưng có thể cần {needed}: đặt LimitNOFILE={needed} trở lên (ulimit -n).",
    ),
}
ADVICE: Final = {**_NETWORK, **_ANSWERS, **_OWN}
"""English and Vietnamese by reason; names in braces are facts of the complaint."""
OTHER: Final = (
    "{host} could not be asked ({reason}): docs/operate/troubleshooting.md has the word.",
    "Không hỏi được {host} ({reason}): xem từ này trong docs/operate/troubleshooting.md.",
)
