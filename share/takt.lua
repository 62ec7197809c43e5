-- SPDX-License-Identifier: BSD-3-Clause
--
-- takt for Wireshark and tshark: where a frame's time went, as fields and so as columns and filters.
--
--	tshark -X lua_script:takt.lua -r hops.pcapng -T fields -e takt.seq -e takt.edge -e takt.hop -e takt.ns
--	wireshark -X lua_script:takt.lua hops.pcapng		or copy it to the folder that Help > About > Folders calls Personal Lua Plugins
--
-- It reads the comments that `takt capture --taktd` and `takt export pcapng` write (docs/formats.md), isochron's stamp (EtherType 0xdead), asks
-- for the time (0x88b5), and what stands for a frame whose bytes were not captured (0x88b6).

local hops = { "app", "driver", "ring", "rx", "copy", "class", "queue", "gate", "shape", "port", "send", "wire", "call", "irq", "deliver" }

-- -- what takt says of a frame ---------------------------------------------------------------------------------------------

local takt = Proto("takt", "takt: where the frame's time went")
local f = {
	edge = ProtoField.string("takt.edge", "Edge", "where the frame was at this instant"),
	hop = ProtoField.string("takt.hop", "Hop", "what the time since the edge before is called"),
	ns = ProtoField.int64("takt.ns", "Since the edge before", base.DEC, nil, nil, "ns"),
	bound = ProtoField.int64("takt.bound", "Known to within", base.DEC, nil, nil, "ns"),
	seq = ProtoField.uint64("takt.seq", "Number at taktd"),
	key = ProtoField.uint64("takt.key", "Key", base.HEX),
	seqid = ProtoField.uint32("takt.seqid", "Number at its sender"),
	["in"] = ProtoField.string("takt.in", "Came in at port"),
	out = ProtoField.string("takt.out", "Left by port"),
	tc = ProtoField.uint8("takt.tc", "Traffic class"),
	vid = ProtoField.uint16("takt.vid", "VLAN"),
	verdict = ProtoField.string("takt.verdict", "Verdict"),
	stay = ProtoField.int64("takt.stay", "Stay in taktd", base.DEC, nil, nil, "ns"),
	ambiguous = ProtoField.bool("takt.ambiguous", "Another frame had this key"),
	bytes = ProtoField.bool("takt.bytes", "Bytes were captured"),
}
for _, hop in ipairs(hops) do
	f["h." .. hop] = ProtoField.int64("takt." .. hop .. "_ns", "Hop " .. hop, base.DEC, nil, nil, "ns")
	f["b." .. hop] = ProtoField.int64("takt." .. hop .. "_bound", "Hop " .. hop .. ", known to within", base.DEC, nil, nil, "ns")
end
local list = {}
for _, field in pairs(f) do list[#list + 1] = field end
takt.fields = list

local comment = Field.new("frame.comment")
local text = { edge = true, hop = true, ["in"] = true, out = true, verdict = true }

-- %XX stands for what is no letter.
local function plain(word)
	return (word:gsub("%%(%x%x)", function(x) return string.char(tonumber(x, 16)) end))
end

local function add(tree, name, value)
	if not f[name] then return end
	if text[name] then
		tree:add(f[name], plain(value))
	elseif name == "key" then
		tree:add(f[name], UInt64.fromhex(value:sub(3)))
	elseif name == "bytes" or name == "ambiguous" then
		tree:add(f[name], value ~= "none")
	elseif tonumber(value) then
		local n = tonumber(value)
		local wide = name == "seq" and UInt64.new(n) or (name:match("^[hb]%.") or name == "ns" or name == "bound" or name == "stay") and Int64.new(n) or n
		tree:add(f[name], wide)
	end
end

function takt.dissector(tvb, pinfo, root)
	for _, field in ipairs({ comment() }) do
		local said = tostring(field.value):match("^takt: (.*)")
		if said then
			local tree = root:add(takt)
			local known = {}
			for name, value in said:gmatch("(%S-)=(%S*)") do
				local ns, bound = value:match("^(%-?%d+)%+%-(%d+)$")
				add(tree, name, ns or value)
				if bound then add(tree, "b." .. name:sub(3), bound) end
				known[name] = value
			end
			if not known.bytes then tree:add(f.bytes, true) end
			tree:append_text(": " .. (known.edge or "?") .. (known.hop and (", " .. known.hop .. " " .. known.ns .. " ns") or ""))
		end
	end
end
register_postdissector(takt)

-- -- isochron's stamp ------------------------------------------------------------------------------------------------------

local stamp = Proto("takt_stamp", "Numbered test frame (isochron, takt send)")
local s = {
	scheduled = ProtoField.int64("takt.stamp.scheduled", "Wake-up was due (TAI)", base.DEC, nil, nil, "ns"),
	wakeup = ProtoField.int64("takt.stamp.wakeup", "Woke up (TAI)", base.DEC, nil, nil, "ns"),
	latency = ProtoField.int64("takt.stamp.latency", "Late by", base.DEC, nil, nil, "ns"),
	seqid = ProtoField.uint32("takt.stamp.seqid", "Number"),
}
stamp.fields = { s.scheduled, s.wakeup, s.latency, s.seqid }

function stamp.dissector(tvb, pinfo, root)
	if tvb:len() < 20 then return 0 end
	local tree = root:add(stamp, tvb(0, 20))
	tree:add(s.scheduled, tvb(0, 8))
	tree:add(s.wakeup, tvb(8, 8))
	tree:add(s.latency, tvb(8, 8), tvb(8, 8):int64() - tvb(0, 8):int64()):set_generated()
	tree:add(s.seqid, tvb(16, 4))
	pinfo.cols.protocol = "TAKT"
	pinfo.cols.info = "number " .. tvb(16, 4):uint()
	return 20
end
DissectorTable.get("ethertype"):add(0xdead, stamp)

-- -- asks for the time, and their answers ----------------------------------------------------------------------------------

local ask = Proto("takt_ask", "What time is it? (takt guest, taktd)")
local a = {
	op = ProtoField.uint8("takt.ask.op", "Operation", base.DEC, { [1] = "asks", [2] = "answers" }),
	id = ProtoField.uint64("takt.ask.id", "Number"),
	t_guest = ProtoField.int64("takt.ask.t_guest", "Sent (the guest's clock)", base.DEC, nil, nil, "ns"),
	t_seen = ProtoField.int64("takt.ask.t_seen", "taktd had it (TAI)", base.DEC, nil, nil, "ns"),
}
ask.fields = { a.op, a.id, a.t_guest, a.t_seen }

function ask.dissector(tvb, pinfo, root)
	if tvb:len() < 32 or tvb(0, 4):uint() ~= 0x74616b74 or tvb(4, 1):uint() ~= 1 then return 0 end
	local tree = root:add(ask, tvb(0, 32))
	tree:add(a.op, tvb(5, 1))
	tree:add(a.id, tvb(8, 8))
	tree:add(a.t_guest, tvb(16, 8))
	tree:add(a.t_seen, tvb(24, 8))
	pinfo.cols.protocol = "TAKT"
	pinfo.cols.info = (tvb(5, 1):uint() == 1 and "asks for the time" or "tells the time") .. ", number " .. tostring(tvb(8, 8):uint64())
	return 32
end
DissectorTable.get("ethertype"):add(0x88b5, ask)

-- -- a frame without bytes -------------------------------------------------------------------------------------------------

local none = Proto("takt_none", "takt: the frame's bytes were not captured, this header stands for them")

function none.dissector(tvb, pinfo, root)
	root:add(none, tvb())
	pinfo.cols.protocol = "TAKT"
	pinfo.cols.info = "bytes not captured"
	return tvb:len()
end
DissectorTable.get("ethertype"):add(0x88b6, none)
