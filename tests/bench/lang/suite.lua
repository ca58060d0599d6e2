-- The suite in Lua: what each *.rtfs beside it does, done Lua's way (mutable
-- tables; what changes nothing here copies there: `nested' each level, `sort'
-- what it sorts).
--
--	lua5.4 suite.lua NAME [FILE]	run one; FILE is what `parse' reads
--	lua5.4 suite.lua data DIR	write d.rtfs and d.lua, 10 MB of literals

local suite = {}

local function fib(n)
	if n < 2 then return n end
	return fib(n - 1) + fib(n - 2)
end

function suite.fib() return fib(30) end

local function tak(x, y, z)
	if not (y < x) then return z end
	return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
end

function suite.tak() return tak(24, 16, 8) end

function suite.loop()
	local i, s = 0, 0
	while i < 10000000 do
		i, s = i + 1, s + i
	end
	return s
end

local function deep(n)
	if n == 0 then return 0 end
	return 1 + deep(n - 1)
end

function suite.deep()
	local s = 0
	for _ = 1, 10 do s = s + deep(100000) end
	return s
end

local function adder(k)
	return function(x) return x + k end
end

local function app(f, x) return f(x) end

function suite.hof()
	local acc = 0
	for i = 0, 2999999 do acc = app(adder(i % 8), acc) end
	return acc
end

local function thrower(i) error(i, 0) end

function suite.exc()
	local acc = 0
	for i = 0, 999999 do
		local ok, e = pcall(thrower, i)
		if not ok then acc = acc + e % 2 end
	end
	return acc
end

local function table_thrower(i) error({ message = "x", data = { i = i } }) end

suite["exc-error"] = function()
	local acc = 0
	for i = 0, 999999 do
		local ok, e = pcall(table_thrower, i)
		if not ok then acc = acc + e.data.i % 2 end
	end
	return acc
end

local function map(f, t)
	local r = {}
	for i = 1, #t do r[i] = f(t[i]) end
	return r
end

local function filter(f, t)
	local r, n = {}, 0
	for i = 1, #t do
		if f(t[i]) then
			n = n + 1
			r[n] = t[i]
		end
	end
	return r
end

local function reduce(f, acc, t)
	for i = 1, #t do acc = f(acc, t[i]) end
	return acc
end

local function range(n)
	local t = {}
	for i = 1, n do t[i] = i - 1 end
	return t
end

function suite.mfr()
	return reduce(function(a, b) return a + b end, 0,
	    filter(function(x) return x % 2 == 0 end,
	        map(function(x) return x + 1 end, range(1000000))))
end

function suite.sort()
	local x, v = 42, {}
	for i = 1, 1000000 do
		x = (x * 16807) % 2147483647
		v[i] = x
	end
	local sorted = {}
	for i = 1, #v do sorted[i] = v[i] end
	table.sort(sorted)
	return sorted[500001]
end

function suite.map()
	local keys, m, total = {}, {}, 0
	for i = 0, 199999 do keys[i + 1] = "k" .. i end
	for i = 1, #keys do m[keys[i]] = i - 1 end
	for i = 1, #keys do total = total + m[keys[i]] end
	return total
end

local function with(t, key, value)
	local copy = {}
	for k, v in pairs(t) do copy[k] = v end
	copy[key] = value
	return copy
end

function suite.nested()
	local m = { a = { b = { c = 0, d = 1 }, e = 2 }, f = 3, g = 4 }
	for _ = 1, 200000 do
		m = with(m, "a", with(m.a, "b", with(m.a.b, "c", m.a.b.c + 1)))
	end
	return m.a.b.c
end

function suite.str()
	local t = {}
	for i = 0, 999999 do t[i + 1] = tostring(i) end
	return #table.concat(t, ",")
end

function suite.parse(file)
	local v = assert(loadfile(file))()
	return #v + v[61000].pos.x
end

local record = {
	["d.rtfs"] = '{:id %d, :name "user-%d", :email "user%d@example.com",'
	    .. ' :tags ["alpha" "beta" "gamma"], :score %s, :active %s,'
	    .. ' :pos {:x %d, :y %d, :z nil}}\n',
	["d.lua"] = '{id=%d,name="user-%d",email="user%d@example.com",'
	    .. 'tags={"alpha","beta","gamma"},score=%s,active=%s,'
	    .. 'pos={x=%d,y=%d,z=nil}},\n',
}

local function write(dir, file, before, after)
	local f = assert(io.open(dir .. "/" .. file, "w"))
	f:write(before)
	for i = 0, 60999 do
		f:write(string.format(record[file], i, i, i,
		    tostring(i / 8 + 0.375), tostring(i % 2 == 0), i, -i))
	end
	f:write(after)
	f:close()
end

if arg[1] == "data" then
	write(arg[2], "d.rtfs", "(def v '[",
	    "])\n(+ (count v) (get-in v [60999 :pos :x]))\n")
	write(arg[2], "d.lua", "return {", "}\n")
else
	print(suite[arg[1]](arg[2]))
end
